import { describe, expect, it } from 'vitest';
import {
  answered,
  booked,
  booking,
  calledOff,
  cancelled,
  confirmed,
  contact,
  context,
  now,
  paid,
  refused,
  shipmentId,
  shipmentThatIs,
  uuid,
} from '../tests/given.ts';
import { reactor } from './saga.ts';
import { type Happening, rules } from './shipment.ts';
import type { ShipmentState } from './shipment-state.ts';
import { createWorld } from './world.ts';

const orderId = uuid(1);

/** What is expected: the next state with what is published and asked of the carrier; or why nothing; or the poison. */
type Expected =
  | { to: ShipmentState; remembered?: true; event?: string; effect?: string }
  | { ignored: RegExp }
  | { poison: string };

type Told =
  | 'OrderContact'
  | 'PaymentCompleted'
  | 'OrderConfirmed'
  | 'OrderCancelled'
  | 'booked'
  | 'refused'
  | 'call-off';

const inputs = {
  OrderContact: contact(orderId),
  PaymentCompleted: paid(orderId),
  OrderConfirmed: confirmed(orderId),
  OrderCancelled: cancelled(orderId),
  booked: answered(orderId, booked),
  refused: answered(orderId, refused),
  'call-off': calledOff(orderId),
};

const before = {
  OrderConfirmed: { poison: 'CONFIRMED_UNBOOKED' },
  OrderCancelled: { to: 'cancelled', remembered: true },
  booked: { poison: 'BOOKING_UNASKED' },
  refused: { poison: 'BOOKING_UNASKED' },
  'call-off': { poison: 'CALL_OFF_UNASKED' },
} as const;

const later = {
  OrderContact: { ignored: /has the address/ },
  PaymentCompleted: { ignored: /payment is known/ },
  'call-off': { poison: 'CALL_OFF_UNASKED' },
} as const;

const answeredAlready = { booked: { ignored: /answer is known/ }, refused: { ignored: /answer is known/ } };

const table: Record<ShipmentState, Record<Told, Expected>> = {
  none: {
    ...before,
    OrderContact: { to: 'addressed', remembered: true },
    PaymentCompleted: { to: 'paid', remembered: true },
  },
  addressed: {
    ...before,
    OrderContact: { to: 'addressed', remembered: true },
    PaymentCompleted: { to: 'booking', effect: 'booking' },
  },
  paid: {
    ...before,
    OrderContact: { to: 'booking', effect: 'booking' },
    PaymentCompleted: { ignored: /payment is known/ },
  },
  booking: {
    ...later,
    OrderConfirmed: { poison: 'CONFIRMED_UNBOOKED' },
    OrderCancelled: { to: 'cancelling', remembered: true },
    booked: { to: 'scheduled', event: 'ShipmentScheduled' },
    refused: { to: 'refused', event: 'ShipmentFailed' },
  },
  scheduled: {
    ...later,
    ...answeredAlready,
    OrderConfirmed: { to: 'dispatched', event: 'ShipmentDispatched' },
    OrderCancelled: { to: 'called-off', event: 'ShipmentCancelled', effect: 'call-off' },
  },
  refused: {
    ...later,
    ...answeredAlready,
    OrderConfirmed: { poison: 'CONFIRMED_UNBOOKED' },
    OrderCancelled: { ignored: /nothing was booked/ },
  },
  dispatched: {
    ...later,
    ...answeredAlready,
    OrderConfirmed: { ignored: /dispatched already/ },
    OrderCancelled: { poison: 'CANCELLED_AFTER_CONFIRM' },
  },
  cancelling: {
    ...later,
    OrderConfirmed: { poison: 'CONFIRMED_AFTER_CANCEL' },
    OrderCancelled: { ignored: /cancelled already/ },
    booked: { to: 'called-off', event: 'ShipmentCancelled', effect: 'call-off' },
    refused: { to: 'refused' },
  },
  'called-off': {
    ...later,
    ...answeredAlready,
    OrderConfirmed: { poison: 'CONFIRMED_AFTER_CANCEL' },
    OrderCancelled: { ignored: /cancelled already/ },
    'call-off': { ignored: /carrier knows/ },
  },
  cancelled: {
    OrderContact: { ignored: /before it was booked/ },
    PaymentCompleted: { ignored: /before it was booked/ },
    OrderConfirmed: { poison: 'CONFIRMED_AFTER_CANCEL' },
    OrderCancelled: { ignored: /cancelled already/ },
    booked: { poison: 'BOOKING_UNASKED' },
    refused: { poison: 'BOOKING_UNASKED' },
    'call-off': { poison: 'CALL_OFF_UNASKED' },
  },
};

const decide = (state: ShipmentState, told: Told) =>
  reactor.decide(createWorld([shipmentThatIs(state, orderId)]), inputs[told], context);

function expectOutcome(state: ShipmentState, told: Told, expected: Expected): void {
  if ('poison' in expected) {
    expect(() => decide(state, told)).toThrow(
      expect.objectContaining({ name: 'PoisonError', code: expected.poison }),
    );
    return;
  }
  const decision = decide(state, told);
  if ('ignored' in expected) {
    expect(decision).toEqual({ outcome: 'ignore', reason: expect.stringMatching(expected.ignored) });
    return;
  }
  expect(decision.outcome).toBe(expected.remembered ? 'remember' : 'apply');
  if (decision.outcome === 'ignore') throw new Error('unreachable');
  expect(decision.change.shipment).toMatchObject({ orderId, state: expected.to });
  expect((decision.events ?? []).map(({ name }) => name)).toEqual(expected.event ? [expected.event] : []);
  expect((decision.effects ?? []).map(({ kind }) => kind)).toEqual(expected.effect ? [expected.effect] : []);
  for (const event of decision.events ?? []) expect(event).toMatchObject({ key: orderId, data: { orderId } });
}

describe('a shipment', () => {
  for (const state of Object.keys(rules) as ShipmentState[]) {
    for (const told of Object.keys(inputs) as Told[]) {
      const expected = table[state][told];
      const what = 'to' in expected ? expected.to : 'poison' in expected ? 'poison' : 'ignored';
      it(`that is ${state}, told ${told}: ${what}`, () => expectOutcome(state, told, expected));
    }
  }

  it('has a rule for every state and happening', () => {
    const happenings: readonly Happening[] = [
      'OrderContact',
      'PaymentCompleted',
      'OrderConfirmed',
      'OrderCancelled',
      'booking',
      'call-off',
    ];
    for (const row of Object.values(rules)) expect(Object.keys(row).sort()).toEqual([...happenings].sort());
  });

  it('is booked under the id of its order, so that it is booked once', () => {
    expect(decide('addressed', 'PaymentCompleted')).toMatchObject({
      change: { shipment: { shipmentId } },
      effects: [{ kind: 'booking', id: orderId, data: { orderId, requestedAt: now } }],
    });
  });

  it('says who delivers, when, and under which number', () => {
    expect(decide('booking', 'booked')).toMatchObject({
      change: { shipment: { shipmentId, booking } },
      events: [{ data: { orderId, shipmentId, ...booking, scheduledAt: now } }],
    });
  });

  it('says why it is refused', () => {
    expect(decide('booking', 'refused')).toMatchObject({
      events: [{ data: { orderId, code: 'ADDRESS_UNSERVICEABLE', failedAt: now } }],
    });
  });

  it('is called off by its tracking number', () => {
    expect(decide('scheduled', 'OrderCancelled')).toMatchObject({
      effects: [{ kind: 'call-off', id: orderId, data: { trackingNumber: booking.trackingNumber } }],
    });
  });
});
