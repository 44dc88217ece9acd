import { type EventName, groups, reactionsOf, unreadBy } from '@skald/contracts';
import type { EventInput, Input } from '@skald/messaging';
import { describe, expect, it } from 'vitest';
import type { SagaEvent } from './inputs.ts';
import { reactor, saga, unread } from './saga.ts';
import { createWorld } from './world.ts';

const orderId = '01900000-0000-7000-8000-000000000001';
const context = { now: 1_000, newId: () => '01900000-0000-7000-8000-0000000000aa' };
const arrival = { key: orderId, time: 1, id: 'event', correlationId: 'correlation' };

const created: EventInput<'OrderCreated'> = {
  ...arrival,
  kind: 'event',
  name: 'OrderCreated',
  sequence: 1,
  data: {
    orderId,
    customerId: 'customer-1',
    lines: [],
    total: { amount: 4_990, currency: 'EUR' },
    paymentMethod: 'tok_visa',
    createdAt: 1,
  },
};

const decide = (input: Input) => reactor.decide(createWorld(), input, context);

describe("payment's part in the saga", () => {
  it('is what the graph says', () => {
    expect(saga).toEqual(reactionsOf('payment'));
    expect(new Set(Object.keys(unread))).toEqual(new Set(unreadBy('payment')));
    expect(reactor.consumes).toEqual(groups.payment);
  });

  it('runs from the order over the reservation to the charge and its answer, within one batch', () => {
    const world = createWorld();
    const reserved: Input = {
      ...arrival,
      kind: 'event',
      name: 'StockReserved',
      sequence: 1,
      data: { orderId, lines: [], reservedAt: 2 },
    };
    const answered: Input = {
      ...arrival,
      kind: 'outcome',
      name: 'charge',
      data: { status: 'charged', chargeId: 'c' },
    };
    const outcomes = [created, reserved, answered].map((input) => {
      const decision = reactor.decide(world, input, context);
      if (decision.outcome !== 'ignore') reactor.evolve(world, decision.change);
      return decision.outcome;
    });
    expect(outcomes).toEqual(['remember', 'apply', 'apply']);
    expect(world.payments.get(orderId)).toMatchObject({ state: 'completed', chargeId: 'c' });
    expect([...world.unsaved]).toEqual([orderId]);
  });

  it.each([
    { why: 'the key is no order id', input: { ...created, key: 'nonsense' } },
    { why: 'the key is no order id', input: { ...created, key: orderId.toUpperCase().replace('0', 'A') } },
    { why: 'the key is another order', input: { ...created, key: orderId.replace('1', '2') } },
    { why: 'the currency is no ISO 4217 code', input: withData({ total: { amount: 1, currency: 'euro' } }) },
    { why: 'the payment method is no token', input: withData({ paymentMethod: '' }) },
    { why: 'the payment method is no token', input: withData({ paymentMethod: 'tok\0visa' }) },
    { why: 'the payment method is no token', input: withData({ paymentMethod: 't'.repeat(201) }) },
  ])('takes an event for poison if $why', ({ why, input }) => {
    expect(() => decide(input)).toThrow(
      expect.objectContaining({ name: 'PoisonError', message: `OrderCreated: ${why}` }),
    );
  });

  it('ignores what reaches it by mistake', () => {
    const name: Exclude<EventName, SagaEvent> = 'OrderConfirmed';
    const input: Input = {
      ...arrival,
      kind: 'event',
      name,
      sequence: 2,
      data: { orderId, shipmentId: 's', confirmedAt: 1 },
    };
    expect(decide(input)).toEqual({ outcome: 'ignore', reason: 'no business of payment' });
  });
});

function withData(data: Partial<EventInput<'OrderCreated'>['data']>): EventInput<'OrderCreated'> {
  return { ...created, data: { ...created.data, ...data } };
}
