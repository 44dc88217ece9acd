import { type Colour, cut, type Look, printable } from '@skald/command-line';
import type { Comparison } from './against.ts';
import type { Difference, OrderDifference } from './difference.ts';

/** How many orders are printed: the JSON has all. */
const SHOWN = 10;
const signs = { missing: '-', added: '+', changed: '~' } as const;
const colours: Readonly<Record<Difference['change'], Colour>> = {
  missing: 'red',
  added: 'green',
  changed: 'yellow',
};

/** First what differs how often, then order by order. */
export function tableOfComparison(found: Comparison, terminal: Look): string {
  const { orders, differing, otherThanRecorded, unanswered, durationMs } = found;
  const { paint } = terminal;
  const more = differing.length - SHOWN;
  const lines = [
    ...summaryOf(differing, terminal),
    ...differing.slice(0, SHOWN).flatMap((order) => orderLines(order, terminal)),
    ...(more > 0 ? [`… and ${more} more (--json has them all)`, ''] : []),
    ...note(otherThanRecorded, 'took another turn here than in the record (a race, or a rule that is newer)'),
    ...note(unanswered, 'ask for a call whose end is not recorded, and stop there'),
    `${orders} orders in ${(durationMs / 1_000).toFixed(1)} s: ${
      differing.length === 0
        ? paint('green', 'no difference')
        : paint('red', `${differing.length} would have gone otherwise`)
    }`,
  ];
  return `${lines.join('\n')}\n`;
}

const note = (orderIds: readonly string[], says: string): string[] =>
  orderIds.length === 0 ? [] : [`${orderIds.length} ${says}, such as ${printable(orderIds[0] ?? '')}`];

function summaryOf(differing: readonly OrderDifference[], { paint }: Look): string[] {
  const counts = new Map<string, { count: number; difference: Difference }>();
  for (const { differences } of differing) {
    const own = new Map(differences.map((difference) => [titleOf(difference), difference]));
    for (const [title, difference] of own) {
      const known = counts.get(title);
      counts.set(title, { difference, count: (known?.count ?? 0) + 1 });
    }
  }
  if (counts.size === 0) return [];
  const sorted = [...counts].sort(([, a], [, b]) => b.count - a.count);
  return [
    ...sorted.map(
      ([title, { count, difference }]) =>
        `${String(count).padStart(6)} ${count === 1 ? 'order ' : 'orders'}  ${paint(colours[difference.change], title)}`,
    ),
    '',
  ];
}

function titleOf({ kind, what, change, path }: Difference): string {
  // There is one of it: the field says it all.
  if (kind === 'read model' && path !== '') return `${signs[change]} read model ${printable(path)}:`;
  return `${signs[change]} ${kind} ${printable(what)}${path === '' ? '' : `: ${printable(path)}`}`;
}

function orderLines({ orderId, differences }: OrderDifference, { paint, width }: Look): string[] {
  const lineOf = (difference: Difference) => {
    const { here, there, change } = difference;
    const words = difference.kind === 'read model' ? plainOf : textOf;
    const values =
      change === 'changed' ? `${words(here)} → ${words(there)}` : words(change === 'added' ? there : here);
    const gap = difference.kind === 'read model' ? ' ' : '  ';
    const line = `  ${titleOf(difference)}${gap}${values}`;
    return paint(colours[change], width === undefined ? line : cut(line, width));
  };
  return [paint('bold', printable(orderId)), ...differences.map(lineOf), ''];
}

const textOf = (value: unknown): string => printable(JSON.stringify(value));

/** As people say it: `completed`, not `"completed"`. */
function plainOf(value: unknown): string {
  if (value === null) return '–';
  return typeof value === 'string' ? printable(value) : textOf(value);
}
