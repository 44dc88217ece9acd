import { type Look, printableJson, type Terminal, tableOf } from '@skald/command-line';
import { moneyText, paintStatus, statusText, stepText } from './format.ts';
import type { OrderSummary, Page } from './order.ts';
import type { Shop } from './shop.ts';

const PAGE = 100;

/** Orders as a table, and how many there are of which kind. */
export async function list(
  shop: Shop,
  { query, limit, json }: { query: Readonly<Record<string, string>>; limit: number; json: boolean },
  terminal: Terminal,
): Promise<void> {
  const orders: OrderSummary[] = [];
  let facets: Page['facets'] = null;
  for (let cursor: string | null | undefined; cursor !== null && orders.length < limit; ) {
    const page: Page = await shop.search({
      ...query,
      limit: String(Math.min(PAGE, limit - orders.length)),
      ...(cursor !== undefined && { cursor }),
    });
    facets ??= page.facets;
    cursor = page.nextCursor;
    if (json) for (const order of page.orders) terminal.print(printableJson(order));
    orders.push(...page.orders);
  }
  if (!json) for (const line of listLines(orders, facets, terminal)) terminal.print(line);
}

export function listLines(orders: readonly OrderSummary[], facets: Page['facets'], look: Look): string[] {
  if (orders.length === 0) return ['No orders match.'];
  const { paint } = look;
  const table = tableOf(
    [
      { title: 'order' },
      {
        title: 'status',
        gives: true,
        paint: (cell) => paintStatus(paint, cell),
      },
      { title: 'customer', gives: true },
      { title: 'total', isNumber: true },
      { title: 'placed' },
      { title: 'waits for', paint: (cell) => paint('yellow', cell) },
      { title: 'products', gives: true },
    ],
    orders.map((order) => [
      order.orderId,
      statusText(order),
      order.customerId,
      moneyText(order.total),
      // On a terminal, where there is little room, to the second; in UTC as everywhere.
      look.width === undefined ? order.placedAt : order.placedAt.slice(0, 19).replace('T', ' '),
      order.waitsFor === null ? '' : stepText(order.waitsFor),
      order.lines.map(({ sku, quantity }) => (quantity === 1 ? sku : `${quantity} × ${sku}`)).join(', '),
    ]),
    look,
  );
  return [...table, '', ...facetLines(orders.length, facets, look)];
}

function facetLines(shown: number, facets: Page['facets'], { paint }: Look): string[] {
  if (facets === null) return [];
  const { total, isWhole, status, waitsFor, sku } = facets;
  const counted = (title: string, counts: Readonly<Record<string, number>>): string[] => {
    const sorted = Object.entries(counts).sort(([, one], [, other]) => other - one);
    if (sorted.length === 0) return [];
    return [
      `${paint('dim', title.padEnd(9))} ${sorted.map(([value, count]) => `${value} ${count}`).join(' · ')}`,
    ];
  };
  const all = `${isWhole ? '' : 'the newest '}${total} order${total === 1 ? '' : 's'}`;
  return [
    shown < total ? `${shown} of ${all}` : all,
    ...counted('status', status),
    ...counted('waits for', waitsFor),
    ...counted('sku', sku),
  ];
}
