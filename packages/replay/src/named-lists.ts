import { isDeepStrictEqual } from 'node:util';

/** Fields that tell the entries of a list apart. */
const NAMES = ['sku', 'template', 'event', 'verb'] as const;

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/** The same with each list as an object, its entries by their names: `steps.PaymentFailed`, `lines.SKU-0001`, `mails.order-cancelled`. */
export function byName(value: unknown): unknown {
  if (!isObject(value)) return value;
  const entries: [string, unknown][] = Array.isArray(value)
    ? namesIn(value).map((name, at) => [name, value[at]])
    : Object.entries(value);
  return Object.fromEntries(entries.map(([name, entry]) => [name, byName(entry)]));
}

/** Lists with the same entries in another order: what `byName` can't show. */
export function reorderedLists(
  here: object,
  there: object,
): { readonly path: string; readonly here: readonly string[]; readonly there: readonly string[] }[] {
  const others = new Map<string, unknown>(Object.entries(there));
  return Object.entries(here).flatMap(([path, list]: [string, unknown]) => {
    const other = others.get(path);
    if (!Array.isArray(list) || !Array.isArray(other)) return [];
    const [ours, theirs] = [namesIn(list), namesIn(other)];
    const isSameSet = isDeepStrictEqual([...ours].sort(), [...theirs].sort());
    return isSameSet && !isDeepStrictEqual(ours, theirs) ? [{ path, here: ours, there: theirs }] : [];
  });
}

/** What comes again is numbered: `MailSent`, `MailSent#2`. */
function namesIn(list: readonly unknown[]): string[] {
  const counts = new Map<string, number>();
  return list.map((entry, at) => {
    const name = nameOf(entry) ?? String(at);
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return count === 1 ? name : `${name}#${count}`;
  });
}

function nameOf(entry: unknown): string | undefined {
  if (!isObject(entry)) return undefined;
  return NAMES.map((name) => entry[name]).find((value) => typeof value === 'string');
}
