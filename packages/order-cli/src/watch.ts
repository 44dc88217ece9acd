import { printableJson, type Terminal } from '@skald/command-line';
import { type Change, changeJson, changeLine, createChangeFinder, endLine } from './changes.ts';
import { isOver, untilOver } from './ending.ts';
import type { Order } from './order.ts';
import { codeOf, tellingLosses } from './place.ts';
import type { Shop } from './shop.ts';

/** Each step of all orders, until the signal of the shop ends it. */
export async function watchAll(
  shop: Shop,
  { json }: { readonly json: boolean },
  terminal: Terminal,
): Promise<never> {
  const from = await shop.position();
  const changesIn = createChangeFinder(Date.now());
  terminal.say('Watching all orders: Ctrl-C ends it');
  for await (const order of shop.follow({ from, ...tellingLosses(terminal) }))
    for (const change of changesIn(order)) tell(change, terminal, { json, withId: true });
  throw new Error('a stream without an end has ended');
}

/** Each step of one order, those that it has taken first, until nothing of it is to come. Answers the exit code. */
export async function watchOne(
  shop: Shop,
  orderId: string,
  { json }: { readonly json: boolean },
  terminal: Terminal,
): Promise<number> {
  const changesIn = createChangeFinder(0);
  const show = (order: Order) => {
    for (const change of changesIn(order)) tell(change, terminal, { json, withId: false });
  };
  const order = await untilOver(ordersOf(shop, orderId, terminal), show);
  if (!json) terminal.print(endLine(order, terminal));
  return codeOf(order);
}

/** The order as it is, then as it is after each change. */
export async function* ordersOf(
  shop: Shop,
  orderId: string,
  terminal: Pick<Terminal, 'say'>,
): AsyncGenerator<Order, void> {
  const from = await shop.position();
  const order = await shop.read(orderId);
  yield order;
  if (!isOver(order)) yield* shop.follow({ orderId, from, ...tellingLosses(terminal) });
}

function tell(
  change: Change,
  terminal: Terminal,
  how: { readonly json: boolean; readonly withId: boolean },
): void {
  terminal.print(how.json ? printableJson(changeJson(change)) : changeLine(change, terminal, how.withId));
}
