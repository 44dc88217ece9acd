const WIDTH = 110;

/** A JSON value as a TypeScript literal, formatted as Biome would: single quotes, one line where it fits. */
export function literal(value: unknown, indent = ''): string {
  const line = oneLine(value);
  if (indent.length + line.length <= WIDTH - 2 || typeof value !== 'object' || value === null) return line;
  const inner = `${indent}  `;
  if (Array.isArray(value))
    return `[\n${value.map((item) => `${inner}${literal(item, inner)},\n`).join('')}${indent}]`;
  const members = Object.entries(value).map(([key, item]) => `${inner}${key}: ${literal(item, inner)},\n`);
  return `{\n${members.join('')}${indent}}`;
}

function oneLine(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (Array.isArray(value)) return `[${value.map(oneLine).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{ ${Object.entries(value)
      .map(([key, item]) => `${key}: ${oneLine(item)}`)
      .join(', ')} }`;
  }
  return JSON.stringify(value);
}

/** Single quotes, unless that takes more escapes. */
function quote(text: string): string {
  if (text.includes("'") && !text.includes('"')) return JSON.stringify(text);
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}
