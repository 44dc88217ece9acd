import { plainLook } from '@skald/command-line';
import type { OrderReadModel, PaymentState } from '@skald/contracts';
import { describe, expect, it } from 'vitest';
import { tableOfComparison } from './against-table.ts';
import type { OrderAnswer } from './answer.ts';
import { compareAnswers, isAsRecorded } from './difference.ts';
import { recordOf } from './example-records.ts';

const event = (name: string, data: Record<string, unknown> = {}) => ({ topic: 'orders.events', name, data });
const answer = (parts: Partial<OrderAnswer> = {}): OrderAnswer => ({
  orderId: '1',
  events: [],
  effects: [],
  parked: [],
  states: {},
  readModel: null,
  ...parts,
});
const told = (here: Partial<OrderAnswer>, there: Partial<OrderAnswer>) =>
  compareAnswers(answer(here), answer(there)).map(({ kind, what, change, path }) =>
    `${change} ${kind} ${what} ${path}`.trim(),
  );

describe('Two answers', () => {
  it('that are the same differ in nothing', () => {
    const same = { events: [event('OrderCreated', { lines: [{ sku: 'A' }] })] };
    expect(told(same, structuredClone(same))).toEqual([]);
  });

  it('differ in events that one of them lacks', () => {
    expect(told({ events: [event('OrderConfirmed')] }, { events: [event('OrderCancelled')] })).toEqual([
      'missing event orders.events OrderConfirmed',
      'added event orders.events OrderCancelled',
    ]);
  });

  it('differ in a field, however deep, and in nothing beside it', () => {
    const of = (quantity: number) => ({
      events: [event('OrderCreated', { lines: [{ sku: 'A', quantity }] })],
    });
    expect(told(of(1), of(2))).toEqual(['changed event orders.events OrderCreated lines.0.quantity']);
  });

  it('differ in an event that one of them says twice', () => {
    expect(told({ events: [event('A')] }, { events: [event('A'), event('A')] })).toEqual([
      'added event orders.events A',
    ]);
  });

  it('differ in the order of a topic’s events', () => {
    const [a, b] = [event('A'), event('B')];
    expect(told({ events: [a, b] }, { events: [b, a] })).toEqual(['changed order of events orders.events']);
  });

  it('don’t differ in the order of two topics', () => {
    const [a, b] = [event('A'), { ...event('B'), topic: 'payments.events' }];
    expect(told({ events: [a, b] }, { events: [b, a] })).toEqual([]);
  });

  it('differ in calls, in what is parked, and in rows', () => {
    const effect = {
      service: 'payment',
      kind: 'charge',
      id: '1/charge',
      data: { amount: 1 },
      answered: true,
    };
    const parked = { service: 'email', input: 'EmailNotification', code: 'NONSENSE', text: 'no address' };
    const states = (state: string) => ({ payment: { payments: [{ state }] } });
    expect(
      told(
        { effects: [effect], states: states('completed') },
        {
          effects: [{ ...effect, data: { amount: 2 } }],
          parked: [parked],
          states: states('failed'),
        },
      ),
    ).toEqual([
      'changed effect payment charge data.amount',
      'added parked email EmailNotification',
      'changed state payment.payments state',
    ]);
  });
});

describe('Two read models', () => {
  const model = (parts: Partial<OrderReadModel> = {}) => ({
    readModel: { orderId: '1', status: 'PENDING', ...parts } as OrderReadModel,
  });
  const step = (event: string, durationMs = 1) => ({ event, durationMs }) as OrderReadModel['steps'][number];
  const payment = (state: PaymentState) => ({ state, amount: null, refunded: null, declineReason: null });
  const compared = (here: Partial<OrderReadModel>, there: Partial<OrderReadModel>) =>
    compareAnswers(answer(model(here)), answer(model(there)));

  it('differ field by field', () => {
    expect(compared({ payment: payment('completed') }, { payment: payment('failed') })).toEqual([
      {
        kind: 'read model',
        what: 'OrderReadModel',
        change: 'changed',
        path: 'payment.state',
        here: 'completed',
        there: 'failed',
      },
    ]);
  });

  it('differ in one step where there is one more, and name it', () => {
    const [a, b] = [step('OrderCreated'), step('StockReserved')];
    const of = (...steps: OrderReadModel['steps'][number][]) => model({ steps });
    expect(told(of(b), of(a, b))).toEqual(['changed read model OrderReadModel steps.OrderCreated']);
    expect(told(of(a, b), of(a, step('StockReserved', 2)))).toEqual([
      'changed read model OrderReadModel steps.StockReserved.durationMs',
    ]);
    expect(told(of(a, a), of(a, step('OrderCreated', 2)))).toEqual([
      'changed read model OrderReadModel steps.OrderCreated#2.durationMs',
    ]);
  });

  it('differ in the order of a list', () => {
    const [a, b] = [step('OrderCreated'), step('StockReserved')];
    expect(told(model({ steps: [a, b] }), model({ steps: [b, a] }))).toEqual([
      'changed read model OrderReadModel steps',
    ]);
  });

  it('differ as a whole where one of them publishes none', () => {
    expect(told({}, model())).toEqual(['added read model OrderReadModel']);
  });

  it('are told as people say it', () => {
    const differences = compared(
      { payment: payment('completed'), waitsFor: null },
      {
        payment: payment('failed'),
        waitsFor: { service: 'order', verb: 'cancel' },
      },
    );
    const comparison = {
      verdict: 'different',
      orders: 1,
      otherThanRecorded: [],
      unanswered: [],
      differing: [{ orderId: '1', differences }],
      durationMs: 0,
    } as const;
    const lines = tableOfComparison(comparison, plainLook).split('\n');
    expect(lines).toContain('  ~ read model payment.state: completed → failed');
    expect(lines).toContain('  ~ read model waitsFor: – → {"service":"order","verb":"cancel"}');
  });
});

describe('A replay is as recorded', () => {
  const record = recordOf('out of stock');
  const events = record.events.map(({ topic, name }) => ({ topic, name, data: {} }));

  it('when each topic says what it said, and when it says more than was there by then', () => {
    expect(isAsRecorded(record, answer({ events }))).toBe(true);
    expect(isAsRecorded({ ...record, events: record.events.slice(0, 2) }, answer({ events }))).toBe(true);
  });

  it('not when it says less, or other things', () => {
    expect(isAsRecorded(record, answer({ events: events.slice(0, 2) }))).toBe(false);
    const other = events.map((one) =>
      one.name === 'OrderCancelled' ? { ...one, name: 'OrderConfirmed' } : one,
    );
    expect(isAsRecorded(record, answer({ events: other }))).toBe(false);
  });
});
