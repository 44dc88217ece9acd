import type { EventName, Events } from '@skald/contracts';
import type { DecisionContext, EventInput, Input, NewEvent } from '@skald/messaging';
import type { Line } from '../src/reservation.ts';
import { reactor } from '../src/saga.ts';
import { createWorld, type World } from '../src/world.ts';

export const now = 1_750_000_000_000;

/** A UUIDv7 like any other, told from the next by its number. */
export const uuid = (number: number): string => `01890a5d-ac96-774b-bcce-${String(number).padStart(12, '0')}`;

const eur = (amount: number) => ({ amount, currency: 'EUR' });

export const orderCreated = (orderId: string, lines: readonly Line[]): Events['OrderCreated'] => ({
  orderId,
  customerId: 'customer-1',
  lines: lines.map(({ sku, quantity }) => ({ sku, name: `A ${sku}`, quantity, unitPrice: eur(100) })),
  total: eur(100),
  paymentMethod: 'tok_visa',
  createdAt: now,
});

export const orderConfirmed = (orderId: string): Events['OrderConfirmed'] => ({
  orderId,
  shipmentId: uuid(999),
  confirmedAt: now,
});

export const orderCancelled = (orderId: string): Events['OrderCancelled'] => ({
  orderId,
  reason: 'CANCELLED_BY_CUSTOMER',
  cancelledAt: now,
});

/** Anything that arrives, around what it says. */
const arrival = (key: string) => ({ key, time: now, id: uuid(0), correlationId: 'test' });

export function event<Name extends EventName>(name: Name, key: string, data: Events[Name]): EventInput {
  return { ...arrival(key), kind: 'event', name, data, sequence: 1 } as EventInput;
}

export const created = (orderId: string, ...lines: readonly Line[]) =>
  event('OrderCreated', orderId, orderCreated(orderId, lines));
export const confirmed = (orderId: string) => event('OrderConfirmed', orderId, orderConfirmed(orderId));
export const cancelled = (orderId: string) => event('OrderCancelled', orderId, orderCancelled(orderId));

export const command = (name: string, key: string, data: unknown): Input => ({
  ...arrival(key),
  kind: 'command',
  name,
  data,
});

export const countStock = (sku: string, onHand: number) => command('CountStock', sku, { sku, onHand });

const context: DecisionContext = { now, newId: () => uuid(1) };

/** What the kernel does with a batch, without the kernel: decides and evolves, one by one. Poison is thrown. */
export function take(world: World, ...inputs: readonly Input[]) {
  const events: NewEvent[] = [];
  const replies: unknown[] = [];
  for (const input of inputs) {
    const decision = reactor.decide(world, input, context);
    replies.push(decision.reply);
    if (decision.outcome === 'ignore') continue;
    reactor.evolve(world, decision.change);
    events.push(...(decision.events ?? []));
  }
  return { events, replies };
}

export { createWorld };
