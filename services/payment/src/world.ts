import { noPayment, type Payment } from './payment.ts';

/** The payments that a batch touches, and which of them are not saved yet. */
export interface World {
  /** By order id; an order that isn't here has no payment. */
  readonly payments: Map<string, Payment>;
  /** Order ids. */
  readonly unsaved: Set<string>;
}

export const createWorld = (payments: Iterable<Payment> = []): World => ({
  payments: new Map(Array.from(payments, (payment) => [payment.orderId, payment])),
  unsaved: new Set(),
});

/** How an order's payment stands; `none` for an order that was never heard of. */
export const paymentOf = (world: World, orderId: string): Payment =>
  world.payments.get(orderId) ?? noPayment(orderId);

export function evolve(world: World, payment: Payment): void {
  world.payments.set(payment.orderId, payment);
  world.unsaved.add(payment.orderId);
}
