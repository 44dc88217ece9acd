import { randomUUID } from 'node:crypto';
import { printableJson, type Terminal } from '@skald/command-line';
import { changeLine, createChangeFinder } from './changes.ts';
import { untilOver } from './ending.ts';
import type { PlaceOptions } from './options.ts';
import type { Order } from './order.ts';
import { orderLines } from './order-lines.ts';
import type { Shop } from './shop.ts';

/** What a waiting command answers: 0, or 3 for an order that was cancelled. */
export const codeOf = ({ status }: Pick<Order, 'status'>): number => (status === 'CANCELLED' ? 3 : 0);

/** Places one order. Answers the exit code. */
export async function placeOne(
  shop: Shop,
  { request, key = randomUUID(), wait }: PlaceOptions,
  { json }: { readonly json: boolean },
  terminal: Terminal,
): Promise<number> {
  // First, so that nothing of what follows is missed.
  const from = wait ? await shop.position() : '';
  const accepted = await shop.place(request, key);
  const { orderId } = accepted;
  if (!wait) {
    terminal.print(json ? printableJson(accepted) : orderId);
    return 0;
  }
  terminal.say(`Placed ${orderId}`);
  const order = await untilOver(
    shop.follow({ orderId, from, ...tellingLosses(terminal) }),
    showSteps(terminal),
  );
  if (json) terminal.print(printableJson(order));
  else for (const line of orderLines(order, terminal, Date.now())) terminal.print(line);
  return codeOf(order);
}

/** Each step on standard error, as it happens. */
export function showSteps(terminal: Terminal): (order: Order) => void {
  const changesIn = createChangeFinder(0);
  return (order) => {
    for (const change of changesIn(order)) terminal.say(changeLine(change, terminal, false));
  };
}

/** That the stream broke off, and that it is back. */
export const tellingLosses = (terminal: Pick<Terminal, 'say'>) => ({
  onLost: () => terminal.say('The connection is lost: trying again …'),
  onBack: () => terminal.say('The connection is back: nothing was missed'),
});
