import type { Events } from '@skald/contracts';
import { PoisonError } from '@skald/messaging';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decide,
  evolve,
  initialState,
  isOrderId,
  type Order,
  type OrderEvent,
  type OrderInput,
  rules,
} from './order.ts';

const orderId = '01980000-0000-7000-8000-000000000001';
const shipmentId = '01980000-0000-7000-8000-000000000002';
const now = 1_750_000_000_000;
const context = { now, newId: () => '01980000-0000-7000-8000-0000000000ff' };
const total = { amount: 2_598, currency: 'EUR' };
const lines = [{ sku: 'SKU-0001', name: 'Lamp', quantity: 2, unitPrice: { amount: 1_299, currency: 'EUR' } }];

const arrival = {
  key: orderId,
  time: now - 5,
  id: '01980000-0000-7000-8000-0000000000aa',
  correlationId: 'c-1',
};
const event = { ...arrival, kind: 'event', sequence: 1 } as const;
const command = { ...arrival, kind: 'command' } as const;

const inputs: { readonly [N in OrderInput['name']]: Extract<OrderInput, { name: N }> } = {
  PlaceOrder: {
    ...command,
    name: 'PlaceOrder',
    data: {
      customerId: 'c-42',
      lines,
      total,
      paymentMethod: 'tok_visa',
      contact: {
        name: 'Ada',
        street: 'Main 1',
        postalCode: '10115',
        city: 'Berlin',
        country: 'DE',
        email: 'a@b.example',
      },
      idempotencyKey: 'k',
      fingerprint: 'f',
    },
  },
  CancelOrder: { ...command, name: 'CancelOrder', data: null },
  DeadlinePassed: { ...command, name: 'DeadlinePassed', data: null },
  ShipmentScheduled: {
    ...event,
    name: 'ShipmentScheduled',
    data: {
      orderId,
      shipmentId,
      carrier: 'DHL',
      trackingNumber: 'T1',
      promisedDate: '2026-01-31',
      serviceLevel: null,
      scheduledAt: now,
    },
  },
  StockReservationFailed: {
    ...event,
    name: 'StockReservationFailed',
    data: { orderId, shortages: [{ sku: 'SKU-0001', requested: 2, available: 0 }], failedAt: now },
  },
  PaymentFailed: {
    ...event,
    name: 'PaymentFailed',
    data: { orderId, paymentId: shipmentId, code: 'card_declined', failedAt: now },
  },
  ShipmentFailed: {
    ...event,
    name: 'ShipmentFailed',
    data: { orderId, code: 'UNSERVICEABLE', failedAt: now },
  },
};

const created: OrderEvent = {
  name: 'OrderCreated',
  data: { orderId, customerId: 'c-42', lines, total, paymentMethod: 'tok_visa', createdAt: now },
};
const confirmed: OrderEvent = { name: 'OrderConfirmed', data: { orderId, shipmentId, confirmedAt: now } };
const cancelled = (reason: Events['OrderCancelled']['reason']): OrderEvent => ({
  name: 'OrderCancelled',
  data: { orderId, reason, cancelledAt: now },
});

/** given events, when an input comes, then what the rules say. */
const given = (...events: OrderEvent[]) => ({
  when: (name: OrderInput['name']) => () =>
    decide(events.reduce<Order>(evolve, initialState), inputs[name], context),
});

const refusals = [
  ['StockReservationFailed', 'OUT_OF_STOCK'],
  ['PaymentFailed', 'PAYMENT_DECLINED'],
  ['ShipmentFailed', 'ADDRESS_UNSERVICEABLE'],
] as const;

describe('nothing placed yet', () => {
  it('an order is created as it was priced', () => {
    expect(given().when('PlaceOrder')()).toEqual({
      outcome: 'apply',
      events: [created],
      reply: { result: 'placed', orderId },
    });
  });

  it('a cancel finds no order', () => {
    expect(given().when('CancelOrder')()).toMatchObject({ outcome: 'ignore', reply: { result: 'unknown' } });
  });

  it.each([
    'DeadlinePassed',
    'ShipmentScheduled',
    'StockReservationFailed',
    'PaymentFailed',
    'ShipmentFailed',
  ] as const)('%s is poison', (name) => {
    expect(given().when(name)).toThrow(PoisonError);
    expect(given().when(name)).toThrow(name);
  });
});

describe('a pending order', () => {
  it('is confirmed by its shipment', () => {
    expect(given(created).when('ShipmentScheduled')()).toEqual({ outcome: 'apply', events: [confirmed] });
  });

  it.each(refusals)('is cancelled by %s: %s', (name, reason) => {
    expect(given(created).when(name)()).toMatchObject({ outcome: 'apply', events: [cancelled(reason)] });
  });

  it('is cancelled by its customer, who hears the new version', () => {
    expect(given(created).when('CancelOrder')()).toEqual({
      outcome: 'apply',
      events: [cancelled('CANCELLED_BY_CUSTOMER')],
      reply: { result: 'cancelled', version: 2 },
    });
  });

  it('is cancelled by its deadline', () => {
    expect(given(created).when('DeadlinePassed')()).toMatchObject({ events: [cancelled('DEADLINE_PASSED')] });
  });

  it('is not placed again', () => {
    expect(given(created).when('PlaceOrder')()).toMatchObject({
      outcome: 'ignore',
      reply: { result: 'placed', orderId },
    });
  });
});

describe('a confirmed order', () => {
  it('refuses a cancel', () => {
    expect(given(created, confirmed).when('CancelOrder')()).toEqual({
      outcome: 'ignore',
      reason: 'too late: confirmed',
      reply: { result: 'confirmed', version: 2 },
    });
  });

  it.each([
    'PlaceOrder',
    'DeadlinePassed',
    'ShipmentScheduled',
    'StockReservationFailed',
    'PaymentFailed',
    'ShipmentFailed',
  ] as const)('ignores %s, with a reason', (name) => {
    expect(given(created, confirmed).when(name)()).toMatchObject({
      outcome: 'ignore',
      reason: expect.stringMatching(/./),
    });
  });
});

describe('a cancelled order', () => {
  it('wins over a booking that arrives later', () => {
    expect(given(created, cancelled('CANCELLED_BY_CUSTOMER')).when('ShipmentScheduled')()).toEqual({
      outcome: 'ignore',
      reason: 'cancelled before it was booked: shipping calls it off',
    });
  });

  it('answers a second cancel like the first', () => {
    expect(given(created, cancelled('PAYMENT_DECLINED')).when('CancelOrder')()).toMatchObject({
      outcome: 'ignore',
      reply: { result: 'cancelled', version: 2 },
    });
  });

  it.each([
    'PlaceOrder',
    'DeadlinePassed',
    'StockReservationFailed',
    'PaymentFailed',
    'ShipmentFailed',
  ] as const)('ignores %s, with a reason', (name) => {
    const decision = given(created, cancelled('OUT_OF_STOCK')).when(name)();
    expect(decision).toMatchObject({ outcome: 'ignore', reason: expect.stringMatching(/./) });
  });
});

describe('the fold', () => {
  it('refuses an impossible story', () => {
    expect(() => [confirmed].reduce<Order>(evolve, initialState)).toThrow("can't follow");
    expect(() => [created, created].reduce<Order>(evolve, initialState)).toThrow("can't follow");
    expect(() => [created, confirmed, cancelled('OUT_OF_STOCK')].reduce<Order>(evolve, initialState)).toThrow(
      "can't follow",
    );
  });

  it('knows for every state what to do about everything that can happen', () => {
    for (const state of Object.values(rules)) expect(Object.keys(state)).toEqual(Object.keys(inputs));
  });
});

it('whatever comes in whatever order, an order has one end at most and its versions have no gap', () => {
  const anything = fc.array(fc.constantFrom(...Object.values(inputs)), { maxLength: 30 });
  fc.assert(
    fc.property(anything, (happenings) => {
      let order: Order = initialState;
      const story: OrderEvent[] = [];
      for (const input of happenings) {
        if (order.status === 'none' && input.name !== 'PlaceOrder' && input.name !== 'CancelOrder') continue;
        const verdict = decide(order, input, context);
        for (const happened of verdict.outcome === 'apply' ? verdict.events : []) {
          order = evolve(order, happened);
          story.push(happened);
          expect(order.version).toBe(story.length);
        }
      }
      expect(story.filter(({ name }) => name === 'OrderCreated').length).toBeLessThanOrEqual(1);
      expect(story.filter(({ name }) => name !== 'OrderCreated').length).toBeLessThanOrEqual(1);
      expect(story.reduce<Order>(evolve, initialState)).toEqual(order);
    }),
  );
});

it('only a UUID in lower case is an order id', () => {
  expect(isOrderId(orderId)).toBe(true);
  for (const wrong of [
    '',
    'abc',
    `${orderId} `,
    orderId.toUpperCase().replace('7000', 'A000'),
    orderId.replaceAll('-', ''),
  ]) {
    expect(isOrderId(wrong)).toBe(false);
  }
});
