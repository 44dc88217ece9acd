import { isAnnotated, isArray, isRecord, isUnion, type RecordSchema, type Schema } from '../schema.ts';
import { inlineValues } from './inline.ts';
import { literal } from './literal.ts';
import type { OneOfSource, SchemaSource } from './source.ts';

const HEAD = '// Generated from schemas/ by `npm run generate`. Changes made here are lost.\n';

/** File name (in src/generated/) → its text. */
export function renderTypeScript(source: SchemaSource): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  files.set('values.ts', HEAD + [...source.values.values()].map(renderValue).join(''));
  for (const domain of domainsOf(source)) files.set(`${domain}.ts`, renderDomain(domain, source));
  files.set('events.ts', renderEvents(source));
  files.set('schemas.ts', renderSchemas(source));
  return files;
}

const domainOf = (event: RecordSchema): string => (event.namespace ?? '').replace(/^skald\./, '');

const domainsOf = (source: SchemaSource): string[] => [...new Set([...source.events.values()].map(domainOf))];

function renderValue(value: RecordSchema | OneOfSource): string {
  return isRecord(value) ? renderInterface(value) : renderOneOf(value);
}

/** `CancelReason` → `cancelReasons` and the union of its members. */
function renderOneOf({ name, doc, values }: OneOfSource): string {
  const list = `${name.charAt(0).toLowerCase()}${name.slice(1)}${name.endsWith('s') ? 'es' : 's'}`;
  const members = values.map((value) => `  ${literal(value)},\n`).join('');
  return (
    `\n/** ${doc}. */\nexport const ${list} = [\n${members}] as const;\n` +
    `\n/** ${doc}. */\nexport type ${name} = (typeof ${list})[number];\n`
  );
}

function renderDomain(domain: string, source: SchemaSource): string {
  const events = [...source.events.values()].filter((event) => domainOf(event) === domain);
  const body = events.map(renderInterface).join('');
  const used = [...source.values.values()]
    .map(({ name }) => name)
    .filter((name) => new RegExp(`: .*\\b${name}\\b`).test(body));
  const imports = used.length > 0 ? `import type { ${used.sort().join(', ')} } from './values.ts';\n` : '';
  return HEAD + imports + body;
}

function renderInterface({ name, doc, fields }: RecordSchema): string {
  const members = fields.map(
    (field) => `  /** ${field.doc}. */\n  readonly ${field.name}: ${typeName(field.type)};\n`,
  );
  return `\n/** ${doc}. */\nexport interface ${name} {\n${members.join('')}}\n`;
}

const PRIMITIVES: Readonly<Record<string, string>> = {
  null: 'null',
  string: 'string',
  boolean: 'boolean',
  int: 'number',
  long: 'number',
  double: 'number',
};

function typeName(schema: Schema): string {
  if (typeof schema === 'string') return PRIMITIVES[schema] ?? schema.slice(schema.lastIndexOf('.') + 1);
  // TypeScript reads better with null last.
  if (isUnion(schema)) return schema.toReversed().map(typeName).join(' | ');
  if (isArray(schema)) return `readonly ${typeName(schema.items)}[]`;
  if (isAnnotated(schema)) return typeName(schema.type);
  return schema.name;
}

function renderEvents(source: SchemaSource): string {
  const imports = domainsOf(source).map((domain) => `import type * as ${domain} from './${domain}.ts';\n`);
  const members = [...source.events.values()].map(
    (event) => `  readonly ${event.name}: ${domainOf(event)}.${event.name};\n`,
  );
  const names = [...source.events.keys()].map((name) => `  ${literal(name)},\n`);
  return (
    `${HEAD}${imports.join('')}\n/** Every event of the house: name → what it carries. */\n` +
    `export interface Events {\n${members.join('')}}\n\nexport type EventName = keyof Events;\n` +
    `\n/** Every event's name, by domain. */\nexport const eventNames: readonly EventName[] = [\n${names.join('')}];\n`
  );
}

function renderSchemas(source: SchemaSource): string {
  const members = [...source.events.values()].map(
    (event) => `  ${event.name}: ${literal(inlineValues(event, source), '  ')},\n`,
  );
  return (
    `${HEAD}import type { RecordSchema } from '../schema.ts';\nimport type { EventName } from './events.ts';\n\n` +
    "/** Every event's schema, self-contained, as it is registered: read at start, so nothing is read from files. */\n" +
    `export const schemas: Readonly<Record<EventName, RecordSchema>> = {\n${members.join('')}};\n`
  );
}
