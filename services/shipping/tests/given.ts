import type { EventName, Events } from '@skald/contracts';
import type { DecisionContext, EventInput, Input, NewEffect, NewEvent } from '@skald/messaging';
import type { Address, Booking, BookingAnswer } from '../src/carrier.ts';
import { reactor } from '../src/saga.ts';
import type { Shipment, ShipmentState } from '../src/shipment-state.ts';
import type { World } from '../src/world.ts';

export const now = Date.UTC(2026, 0, 30, 12);

/** A UUIDv7 like any other, told from the next by its number. */
export const uuid = (number: number): string => `01890a5d-ac96-774b-bcce-${String(number).padStart(12, '0')}`;

export const shipmentId = uuid(500);

export const address: Address = {
  name: 'Ada Lovelace',
  street: 'Lange Reihe 1',
  postalCode: '20099',
  city: 'Hamburg',
  country: 'DE',
};

export const booking: Booking = {
  carrier: 'Skald Express',
  trackingNumber: 'SX1',
  promisedDate: '2026-02-02',
  serviceLevel: 'standard',
};

export const booked: BookingAnswer = { status: 'booked', ...booking };
export const refused: BookingAnswer = { status: 'refused', code: 'ADDRESS_UNSERVICEABLE' };

const arrival = (key: string) => ({ key, time: now, id: uuid(0), correlationId: 'test' });

export function event<Name extends EventName>(name: Name, key: string, data: Events[Name]): EventInput {
  return { ...arrival(key), kind: 'event', name, data, sequence: 1 } as EventInput;
}

export const contact = (orderId: string, part: Partial<Address> = {}) =>
  event('OrderContact', orderId, { orderId, ...address, ...part, email: 'ada@example.org' });

export const paid = (orderId: string) =>
  event('PaymentCompleted', orderId, {
    orderId,
    paymentId: uuid(600),
    chargeId: 'ch_1',
    amount: { amount: 100, currency: 'EUR' },
    completedAt: now,
  });

export const confirmed = (orderId: string) =>
  event('OrderConfirmed', orderId, { orderId, shipmentId, confirmedAt: now });

export const cancelled = (orderId: string) =>
  event('OrderCancelled', orderId, { orderId, reason: 'CANCELLED_BY_CUSTOMER', cancelledAt: now });

export const answered = (orderId: string, data: BookingAnswer): Input => ({
  ...arrival(orderId),
  kind: 'outcome',
  name: 'booking',
  data,
});

export const calledOff = (orderId: string): Input => ({
  ...arrival(orderId),
  kind: 'outcome',
  name: 'call-off',
  data: null,
});

/** A shipment in each of its states. */
export function shipmentThatIs(state: ShipmentState, orderId: string): Shipment {
  const known: Record<ShipmentState, object> = {
    none: {},
    addressed: {},
    paid: {},
    booking: { shipmentId },
    scheduled: { shipmentId, booking },
    refused: { shipmentId, refusal: 'ADDRESS_UNSERVICEABLE' },
    dispatched: { shipmentId, booking },
    cancelling: { shipmentId },
    'called-off': { shipmentId, booking },
    cancelled: {},
  };
  return { orderId, state, ...known[state] } as Shipment;
}

export const context: DecisionContext = { now, newId: () => shipmentId };

/** What the kernel does with a batch, without the kernel: decides and evolves, one by one. Poison is thrown. */
export function take(world: World, ...inputs: readonly Input[]) {
  const events: NewEvent[] = [];
  const effects: NewEffect[] = [];
  for (const input of inputs) {
    const decision = reactor.decide(world, input, context);
    if (decision.outcome === 'ignore') continue;
    reactor.evolve(world, decision.change);
    events.push(...(decision.events ?? []));
    effects.push(...(decision.effects ?? []));
  }
  return { events, effects };
}
