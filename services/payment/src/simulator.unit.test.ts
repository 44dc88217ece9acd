import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  answer,
  type ChargeRequest,
  chargesOf,
  type Entry,
  emptyLedger,
  enter,
  type Ledger,
  listCharges,
  type RefundRequest,
  type Request,
} from './simulator.ts';

const order: ChargeRequest = {
  orderId: 'order-1',
  amount: 4_990,
  currency: 'EUR',
  paymentMethod: 'tok_visa',
};

/** The simulator with a ledger that grows, and ids that count. */
function createProvider() {
  const ledger = emptyLedger();
  const entries: Entry[] = [];
  let ids = 0;
  function take(request: Request) {
    const turn = answer(ledger, request, { now: 1, newId: () => `id-${++ids}` });
    if (turn.entry !== undefined) {
      enter(ledger, turn.entry);
      entries.push(turn.entry);
    }
    return turn;
  }
  return {
    ledger,
    entries,
    charge: (key: string, body: Partial<ChargeRequest> = {}) =>
      take({ to: 'charge', key, body: { ...order, ...body } }),
    refund: (key: string, body: Partial<RefundRequest> = {}) =>
      take({ to: 'refund', key, body: { chargeId: 'id-1', amount: 4_990, currency: 'EUR', ...body } }),
  };
}

const errorOf = (code: string) => ({ error: expect.objectContaining({ code }) as unknown });

describe('a charge', () => {
  it('succeeds with tok_visa, and shows', () => {
    const { charge, ledger } = createProvider();
    const shown = {
      chargeId: 'id-1',
      orderId: 'order-1',
      amount: 4_990,
      currency: 'EUR',
      status: 'succeeded',
      refundedAmount: 0,
    };
    expect(charge('key')).toMatchObject({ answer: { status: 201, body: shown }, pace: 'atOnce' });
    expect(chargesOf(ledger, 'order-1', 'succeeded')).toEqual([shown]);
  });

  it.each([
    ['tok_chargeDeclined', 'card_declined'],
    ['tok_insufficientFunds', 'insufficient_funds'],
    ['tok_nonsense', 'invalid_payment_method'],
    ['toString', 'invalid_payment_method'],
  ])('with %s is declined: %s, and no money moves', (paymentMethod, code) => {
    const { charge, ledger } = createProvider();
    expect(charge('key', { paymentMethod }).answer).toEqual({ status: 402, body: errorOf(code) });
    expect(chargesOf(ledger, 'order-1', 'succeeded')).toEqual([]);
    expect(chargesOf(ledger, 'order-1', 'failed')).toMatchObject([{ status: 'failed', refundedAmount: 0 }]);
  });

  it('with tok_processingError fails twice for each key, then works', () => {
    const { charge } = createProvider();
    const statuses = (key: string) =>
      [1, 2, 3, 4].map(() => charge(key, { paymentMethod: 'tok_processingError' }).answer.status);
    expect(statuses('one')).toEqual([500, 500, 201, 201]);
    expect(statuses('two')).toEqual([500, 500, 201, 201]);
  });

  it.each([
    ['tok_timeout', 'late'],
    ['tok_slow', 'slow'],
  ])('with %s is made at once and answered %s; asked again, at once', (paymentMethod, pace) => {
    const { charge, ledger } = createProvider();
    const first = charge('key', { paymentMethod });
    expect(first).toMatchObject({ pace, answer: { status: 201 } });
    expect(chargesOf(ledger, 'order-1', 'succeeded')).toHaveLength(1);
    expect(charge('key', { paymentMethod })).toEqual({ pace: 'atOnce', answer: first.answer });
  });
});

describe('an idempotency key', () => {
  it.each(['tok_visa', 'tok_chargeDeclined'])(
    'gets the same answer again, and is charged once (%s)',
    (paymentMethod) => {
      const { charge, entries } = createProvider();
      const first = charge('key', { paymentMethod });
      expect(charge('key', { paymentMethod }).answer).toEqual(first.answer);
      expect(entries).toHaveLength(1);
    },
  );

  it('is refused for another request, and nothing is written', () => {
    const { charge, refund, entries } = createProvider();
    charge('key');
    for (const turn of [
      charge('key', { amount: 1 }),
      charge('key', { paymentMethod: 'tok_slow' }),
      refund('key'),
    ]) {
      expect(turn).toMatchObject({ answer: { status: 409, body: errorOf('idempotency_key_reused') } });
    }
    expect(entries).toHaveLength(1);
  });
});

describe('a refund', () => {
  it('gives back, once for each key, and never more than was charged', () => {
    const { charge, refund, ledger } = createProvider();
    charge('charge');
    const first = refund('one', { amount: 4_000 });
    expect(first.answer).toEqual({
      status: 201,
      body: { refundId: 'id-2', chargeId: 'id-1', amount: 4_000, currency: 'EUR' },
    });
    expect(refund('one', { amount: 4_000 }).answer).toEqual(first.answer);
    expect(refund('two', { amount: 991 }).answer).toEqual({ status: 400, body: errorOf('amount_too_large') });
    expect(refund('three', { amount: 990 }).answer.status).toBe(201);
    expect(chargesOf(ledger, 'order-1', 'succeeded')).toMatchObject([
      { status: 'succeeded', refundedAmount: 4_990 },
    ]);
  });

  it.each([
    { why: 'an unknown charge', body: { chargeId: 'nonsense' }, status: 404, code: 'resource_missing' },
    { why: 'another currency', body: { currency: 'USD' }, status: 400, code: 'currency_mismatch' },
  ])('of $why is refused', ({ body, status, code }) => {
    const { charge, refund } = createProvider();
    charge('charge');
    expect(refund('refund', body).answer).toEqual({ status, body: errorOf(code) });
  });

  it('of a declined charge is refused', () => {
    const { charge, refund } = createProvider();
    charge('charge', { paymentMethod: 'tok_chargeDeclined' });
    expect(refund('refund').answer).toEqual({ status: 400, body: errorOf('charge_declined') });
  });

  it('goes as its charge went: tok_processingError fails twice, tok_timeout is late', () => {
    const trouble = createProvider();
    for (const _ of [1, 2, 3]) trouble.charge('charge', { paymentMethod: 'tok_processingError' });
    expect([1, 2, 3].map(() => trouble.refund('refund').answer.status)).toEqual([500, 500, 201]);
    const late = createProvider();
    late.charge('charge', { paymentMethod: 'tok_timeout' });
    expect(late.refund('refund')).toMatchObject({ pace: 'late', answer: { status: 201 } });
  });
});

describe('the ledger', () => {
  it('is listed in pages, in the order the charges were made', () => {
    const { charge, ledger } = createProvider();
    for (const key of ['1', '2', '3']) charge(key, { orderId: `order-${key}` });
    charge('4', { paymentMethod: 'tok_chargeDeclined' });
    const idsOf = (page: readonly { chargeId: string }[]) => page.map(({ chargeId }) => chargeId);
    expect(idsOf(listCharges(ledger, 'succeeded', 2))).toEqual(['id-1', 'id-2']);
    expect(idsOf(listCharges(ledger, 'succeeded', 2, 'id-2'))).toEqual(['id-3']);
    expect(idsOf(listCharges(ledger, 'failed', 2))).toEqual(['id-4']);
  });

  it('is the fold of its entries: read again, it answers the same', () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd');
    const call = fc.record({
      key,
      to: fc.constantFrom('charge', 'refund'),
      paymentMethod: fc.constantFrom('tok_visa', 'tok_processingError', 'tok_chargeDeclined'),
      amount: fc.constantFrom(1_000, 4_990),
    });
    fc.assert(
      fc.property(fc.array(call), (calls) => {
        const { charge, refund, entries, ledger } = createProvider();
        for (const { key, to, paymentMethod, amount } of calls) {
          if (to === 'charge') charge(key, { paymentMethod, amount });
          else refund(key, { amount });
        }
        const again: Ledger = emptyLedger();
        for (const entry of entries) enter(again, entry);
        expect(again).toEqual(ledger);
        for (const { amount, refundedAmount } of listCharges(ledger, 'succeeded', 1_000)) {
          expect(refundedAmount).toBeLessThanOrEqual(amount);
        }
      }),
    );
  });
});
