import { printable, printableJson, type Terminal } from '@skald/command-line';
import { endLine } from './changes.ts';
import { untilOver } from './ending.ts';
import { moneyText } from './format.ts';
import type { Order } from './order.ts';
import { showSteps } from './place.ts';
import type { Shop } from './shop.ts';
import { ordersOf } from './watch.ts';

/** Cancels an order, and tells what was taken back. Answers the exit code. */
export async function cancel(
  shop: Shop,
  { orderId, wait }: { readonly orderId: string; readonly wait: boolean },
  { json }: { readonly json: boolean },
  terminal: Terminal,
): Promise<number> {
  const accepted = await shop.cancel(orderId);
  if (!wait) {
    terminal.print(json ? printableJson(accepted) : `Cancelled ${orderId}`);
    return 0;
  }
  terminal.say(`Cancelled ${orderId}: what was done is taken back`);
  const order = await untilOver(afterCancel(ordersOf(shop, orderId, terminal)), showSteps(terminal));
  if (json) terminal.print(printableJson(order));
  else for (const line of [endLine(order, terminal), ...takenBackLines(order)]) terminal.print(line);
  return 0;
}

/** What order-view has not heard of the cancel yet is old. */
async function* afterCancel(orders: AsyncGenerator<Order, void>): AsyncGenerator<Order, void> {
  for await (const order of orders) if (order.status === 'CANCELLED') yield order;
}

/** What became of stock, money, shipment and mails. */
export function takenBackLines({ lines, payment, shipment, mails }: Order): string[] {
  const pieces = lines.map(({ sku, quantity }) => `${quantity} × ${sku}`).join(', ');
  const stock = lines[0]?.reservation;
  return [
    `stock     ${stock === 'released' ? `released: ${pieces}` : stock === 'waiting' ? 'none was set aside' : (stock ?? '–')}`,
    `payment   ${paymentText(payment)}`,
    `shipment  ${shipment === null ? 'none was booked' : shipment.state}`,
    `mails     ${mails.map(({ template, state }) => `${template} ${state}`).join(', ') || 'none'}`,
  ].map(printable);
}

function paymentText(payment: Order['payment']): string {
  if (payment === null) return 'nothing was charged';
  const { state, amount, refunded, declineReason } = payment;
  if (refunded !== null) return `refunded: ${moneyText(refunded)}`;
  return [state, amount && moneyText(amount), declineReason].filter((part) => part !== null).join(', ');
}
