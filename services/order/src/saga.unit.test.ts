import { eventNames, eventsOf, groups, reactionsOf, topicOf } from '@skald/contracts';
import type { CommandInput, DecisionContext, EventInput, Input, NewEvent } from '@skald/messaging';
import { beforeEach, describe, expect, it } from 'vitest';
import type { PlaceOrder } from './order.ts';
import { decide, needsOrder, saga } from './saga.ts';
import { type Claim, claimId, emptyWorld, evolve, type World } from './world.ts';

const orderId = '01980000-0000-7000-8000-000000000001';
const otherId = '01980000-0000-7000-8000-000000000002';
const shipmentId = '01980000-0000-7000-8000-000000000003';
const now = 1_750_000_000_000;
const context: DecisionContext = { now, newId: () => '01980000-0000-7000-8000-0000000000ff' };
const price = { amount: 1_299, currency: 'EUR' };

const arrival = {
  key: orderId,
  time: now - 5,
  id: '01980000-0000-7000-8000-0000000000aa',
  correlationId: 'c-1',
};

function placeOrder(key = orderId, change: Partial<PlaceOrder> = {}): CommandInput<'PlaceOrder', PlaceOrder> {
  const data: PlaceOrder = {
    customerId: 'c-42',
    lines: [{ sku: 'SKU-0001', name: 'Lamp', quantity: 1, unitPrice: price }],
    total: price,
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
    ...change,
  };
  return { ...arrival, key, kind: 'command', name: 'PlaceOrder', data };
}

const cancelOrder: CommandInput = { ...arrival, kind: 'command', name: 'CancelOrder', data: null };
const scheduled: EventInput<'ShipmentScheduled'> = {
  ...arrival,
  kind: 'event',
  name: 'ShipmentScheduled',
  sequence: 1,
  data: {
    orderId,
    shipmentId,
    carrier: 'DHL',
    trackingNumber: 'T1',
    promisedDate: '2026-01-31',
    serviceLevel: null,
    scheduledAt: now,
  },
};
const paymentFailed: EventInput<'PaymentFailed'> = {
  ...arrival,
  kind: 'event',
  name: 'PaymentFailed',
  sequence: 1,
  data: { orderId, paymentId: shipmentId, code: 'card_declined', failedAt: now },
};
const reserved: EventInput<'StockReserved'> = {
  ...arrival,
  kind: 'event',
  name: 'StockReserved',
  sequence: 1,
  data: { orderId, lines: [{ sku: 'SKU-0001', quantity: 1 }], reservedAt: now },
};
function listed(amount: number, sequence: number, currency = 'EUR'): EventInput<'ProductListed'> {
  const data = { sku: 'SKU-0001', name: 'Lamp', unitPrice: { amount, currency }, listedAt: now };
  return { ...arrival, key: 'SKU-0001', kind: 'event', name: 'ProductListed', sequence, data };
}

const fresh = (claim: Partial<Claim> = {}): Claim => ({ orderId, fingerprint: 'f', fresh: true, ...claim });
const worldWith = (claim: Claim): World => emptyWorld(new Map([[claimId('c-42', 'k'), claim]]));

/** Decide, and let the world see it. */
function react(world: World, input: Input): { outcome: string; events: readonly NewEvent[]; reply: unknown } {
  const decision = decide(world, input, context);
  if (decision.outcome === 'ignore') return { outcome: decision.reason, events: [], reply: decision.reply };
  evolve(world, decision.change);
  return { outcome: decision.outcome, events: decision.events ?? [], reply: decision.reply };
}

const names = (events: readonly NewEvent[]) => events.map(({ name }) => name);

describe('the table', () => {
  it('says what the saga graph says, and no more', () => {
    const table = Object.fromEntries(Object.entries(saga).map(([event, reaction]) => [event, reaction.name]));
    expect(table).toEqual(reactionsOf('order'));
  });

  it('has a reaction to every event of every topic that the order service consumes', () => {
    expect(new Set(Object.keys(saga))).toEqual(new Set(groups.order.flatMap(eventsOf)));
  });

  it('loads nothing for the bulk of the events', () => {
    const loading = eventNames.filter((name) => needsOrder({ ...reserved, name } as Input));
    expect(loading.sort()).toEqual([
      'PaymentFailed',
      'ShipmentFailed',
      'ShipmentScheduled',
      'StockReservationFailed',
    ]);
  });
});

describe('placing', () => {
  it('publishes the order, where it goes, and its confirmation to the customer', () => {
    const { events, reply } = react(worldWith(fresh()), placeOrder());
    expect(events).toMatchObject([
      {
        name: 'OrderCreated',
        key: orderId,
        data: { orderId, customerId: 'c-42', total: price, createdAt: now },
      },
      { name: 'OrderContact', key: orderId, data: { orderId, city: 'Berlin', email: 'a@b.example' } },
      {
        name: 'EmailNotification',
        key: orderId,
        data: {
          template: 'order-confirmation',
          email: 'a@b.example',
          name: 'Ada',
          total: price,
          carrier: null,
        },
      },
    ]);
    expect(reply).toEqual({ result: 'placed', orderId });
  });

  it('puts nothing about a person on a topic that is kept', () => {
    const created = react(worldWith(fresh()), placeOrder()).events[0];
    expect(JSON.stringify(created)).not.toMatch(/Ada|Main 1|10115|Berlin|a@b/);
  });

  it('answers a retry with the first order', () => {
    const { events, reply } = react(worldWith(fresh({ orderId: otherId, fresh: false })), placeOrder());
    expect(reply).toEqual({ result: 'placed', orderId: otherId });
    expect(events).toEqual([]);
  });

  it('answers with its own order when a commit went through unseen and the command is tried again', () => {
    const { events, reply } = react(worldWith(fresh({ fresh: false })), placeOrder());
    expect(reply).toEqual({ result: 'placed', orderId });
    expect(events).toEqual([]);
  });

  it('refuses another body under the same key, stored or in the same batch', () => {
    for (const isFresh of [true, false]) {
      const world = worldWith(fresh({ orderId: otherId, fresh: isFresh }));
      expect(react(world, placeOrder(orderId, { fingerprint: 'g' })).reply).toEqual({ result: 'key-reused' });
    }
  });

  it('takes one of two that come in one batch, and tells the other to wait', () => {
    const world = worldWith(fresh());
    expect(react(world, placeOrder()).reply).toEqual({ result: 'placed', orderId });
    expect(react(world, placeOrder(otherId)).reply).toEqual({ result: 'key-in-use' });
    expect([...world.placed.keys()]).toEqual([orderId]);
  });
});

describe('an order that was placed', () => {
  let world: World;
  beforeEach(() => {
    world = worldWith(fresh());
    react(world, placeOrder());
  });

  it('is confirmed with a mail that says who delivers, and when', () => {
    const { events } = react(world, scheduled);
    expect(names(events)).toEqual(['OrderConfirmed', 'EmailNotification']);
    expect(events[1]?.data).toMatchObject({
      template: 'shipment-scheduled',
      carrier: 'DHL',
      trackingNumber: 'T1',
      promisedDate: '2026-01-31',
      lines: null,
    });
  });

  it('is cancelled with a mail that says why', () => {
    const { events } = react(world, paymentFailed);
    expect(names(events)).toEqual(['OrderCancelled', 'EmailNotification']);
    expect(events[1]?.data).toMatchObject({ template: 'order-cancelled', reason: 'PAYMENT_DECLINED' });
  });

  it('gets no mail once its contact is erased', () => {
    world.contacts.clear();
    expect(names(react(world, scheduled).events)).toEqual(['OrderConfirmed']);
  });

  it('cancelled and booked in one batch is cancelled, and the booking is in its history with the reason', () => {
    react(world, cancelOrder);
    expect(react(world, scheduled)).toMatchObject({ outcome: 'apply', events: [] });
    expect(world.orders.get(orderId)).toMatchObject({ status: 'cancelled', version: 2 });
    expect(world.history).toEqual([
      {
        orderId,
        topic: topicOf('ShipmentScheduled'),
        sequence: 1,
        name: 'ShipmentScheduled',
        at: now - 5,
        ignored: 'cancelled before it was booked: shipping calls it off',
      },
    ]);
  });

  it('has versions that follow on each other, and all of them are saved', () => {
    react(world, paymentFailed);
    expect(world.events.map(({ version, event }) => [version, event.name])).toEqual([
      [1, 'OrderCreated'],
      [2, 'OrderCancelled'],
    ]);
    expect(world.history).toMatchObject([{ name: 'PaymentFailed', ignored: null }]);
  });
});

describe('what others tell', () => {
  it('goes into the history without a look at the order', () => {
    const world = emptyWorld();
    expect(react(world, reserved)).toMatchObject({ outcome: 'apply', events: [] });
    expect(world.history).toMatchObject([
      { orderId, topic: 'inventory.events', sequence: 1, name: 'StockReserved' },
    ]);
    expect(world.changed.size).toBe(0);
  });

  it('is poison when it is about an order that was never placed', () => {
    expect(() => react(emptyWorld(), scheduled)).toThrow(expect.objectContaining({ code: 'UNKNOWN_ORDER' }));
  });

  it('is poison under a key that is not its own, or no order id', () => {
    const mismatch = expect.objectContaining({ code: 'KEY_MISMATCH' });
    expect(() => react(emptyWorld(), { ...reserved, key: otherId })).toThrow(mismatch);
    expect(() =>
      react(emptyWorld(), { ...reserved, key: 'x', data: { ...reserved.data, orderId: 'x' } }),
    ).toThrow(mismatch);
    expect(() => react(emptyWorld(), { ...listed(1, 1), key: 'SKU-0002' })).toThrow(mismatch);
  });
});

describe('the catalogue', () => {
  it('keeps the newest listing of a batch', () => {
    const world = emptyWorld();
    for (const input of [listed(100, 1), listed(300, 3), listed(200, 2)]) react(world, input);
    expect(world.products.get('SKU-0001')).toMatchObject({ unitPrice: { amount: 300 }, sequence: 3 });
  });

  it('refuses a price in another currency', () => {
    expect(() => react(emptyWorld(), listed(100, 1, 'USD'))).toThrow(
      expect.objectContaining({ code: 'WRONG_CURRENCY' }),
    );
  });
});
