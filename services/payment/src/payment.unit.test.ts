import type { Events } from '@skald/contracts';
import type { DecisionContext } from '@skald/messaging';
import { describe, expect, it } from 'vitest';
import {
  decidePayment,
  type Fact,
  type Facts,
  noPayment,
  type Payment,
  type PaymentState,
  rules,
} from './payment.ts';

const orderId = '01900000-0000-7000-8000-000000000001';
const paymentId = '01900000-0000-7000-8000-0000000000aa';
const amount = { amount: 4_990, currency: 'EUR' };
const terms = { amount, paymentMethod: 'tok_visa' };
const attempt = { ...terms, paymentId };
const charged = { ...attempt, chargeId: 'charge-1' };

const payments: { readonly [State in PaymentState]: Payment<State> } = {
  none: { orderId, state: 'none' },
  ordered: { orderId, state: 'ordered', ...terms },
  reserved: { orderId, state: 'reserved' },
  charging: { orderId, state: 'charging', ...attempt },
  completed: { orderId, state: 'completed', ...charged },
  failed: { orderId, state: 'failed', ...attempt, code: 'card_declined' },
  cancelling: { orderId, state: 'cancelling', ...attempt },
  refunding: { orderId, state: 'refunding', ...charged },
  refunded: { orderId, state: 'refunded', ...charged, refundId: 'refund-1' },
  cancelled: { orderId, state: 'cancelled' },
};

const created: Events['OrderCreated'] = {
  orderId,
  customerId: 'customer-1',
  lines: [{ sku: 'SKU-0001', name: 'Product', quantity: 1, unitPrice: amount }],
  total: amount,
  paymentMethod: 'tok_visa',
  createdAt: 1,
};
const facts: Facts = {
  OrderCreated: created,
  StockReserved: { orderId, lines: [{ sku: 'SKU-0001', quantity: 1 }], reservedAt: 2 },
  OrderCancelled: { orderId, reason: 'CANCELLED_BY_CUSTOMER', cancelledAt: 3 },
  chargeAnswered: { status: 'charged', chargeId: 'charge-1' },
  refundAnswered: { refundId: 'refund-1' },
};

const context: DecisionContext = { now: 1_000, newId: () => paymentId };

const when = <F extends Fact>(state: PaymentState, fact: F, told: Facts[F] = facts[fact]) =>
  decidePayment(payments[state], fact, told, context);

/** What each fact does to each state: the state after it, `–` for ignored, `!` for poison. */
const expected: Readonly<Record<PaymentState, Readonly<Record<Fact, PaymentState | '–' | '!'>>>> = {
  none: {
    OrderCreated: 'ordered',
    StockReserved: 'reserved',
    OrderCancelled: 'cancelled',
    chargeAnswered: '!',
    refundAnswered: '!',
  },
  ordered: {
    OrderCreated: '–',
    StockReserved: 'charging',
    OrderCancelled: 'cancelled',
    chargeAnswered: '!',
    refundAnswered: '!',
  },
  reserved: {
    OrderCreated: 'charging',
    StockReserved: '–',
    OrderCancelled: 'cancelled',
    chargeAnswered: '!',
    refundAnswered: '!',
  },
  charging: {
    OrderCreated: '–',
    StockReserved: '–',
    OrderCancelled: 'cancelling',
    chargeAnswered: 'completed',
    refundAnswered: '!',
  },
  completed: {
    OrderCreated: '–',
    StockReserved: '–',
    OrderCancelled: 'refunding',
    chargeAnswered: '–',
    refundAnswered: '!',
  },
  failed: {
    OrderCreated: '–',
    StockReserved: '–',
    OrderCancelled: '–',
    chargeAnswered: '–',
    refundAnswered: '!',
  },
  cancelling: {
    OrderCreated: '–',
    StockReserved: '–',
    OrderCancelled: '–',
    chargeAnswered: 'refunding',
    refundAnswered: '!',
  },
  refunding: {
    OrderCreated: '–',
    StockReserved: '–',
    OrderCancelled: '–',
    chargeAnswered: '–',
    refundAnswered: 'refunded',
  },
  refunded: {
    OrderCreated: '–',
    StockReserved: '–',
    OrderCancelled: '–',
    chargeAnswered: '–',
    refundAnswered: '–',
  },
  cancelled: {
    OrderCreated: '–',
    StockReserved: '–',
    OrderCancelled: '–',
    chargeAnswered: '!',
    refundAnswered: '!',
  },
};

const states = Object.keys(rules) as PaymentState[];
const cases = states.flatMap((state) => (Object.keys(facts) as Fact[]).map((fact) => ({ state, fact })));

describe('a payment', () => {
  it.each(cases)('that is $state, told $fact', ({ state, fact }) => {
    const after = expected[state][fact];
    if (after === '!') {
      expect(() => when(state, fact)).toThrow(
        expect.objectContaining({ name: 'PoisonError', retryable: false }),
      );
      return;
    }
    const decision = when(state, fact);
    if (after === '–') {
      expect(decision).toEqual({ outcome: 'ignore', reason: expect.stringMatching(/\w/) });
      return;
    }
    // What is known stays known, and the next state knows all that it says it knows.
    expect(decision).toMatchObject({ change: payments[after] });
  });

  it('starts unknown', () => {
    expect(noPayment(orderId)).toEqual(payments.none);
  });
});

describe('a charge', () => {
  const charge = { kind: 'charge', id: `${orderId}/charge`, data: { orderId, ...terms } };

  it('is asked for when order and stock are there, whichever comes first, under a key that the order alone makes', () => {
    expect(when('ordered', 'StockReserved')).toEqual({
      outcome: 'apply',
      change: payments.charging,
      effects: [charge],
    });
    expect(when('reserved', 'OrderCreated')).toEqual(when('ordered', 'StockReserved'));
  });

  it('is only remembered while one of the two is missing', () => {
    expect(when('none', 'OrderCreated')).toEqual({ outcome: 'remember', change: payments.ordered });
    expect(when('none', 'StockReserved')).toEqual({ outcome: 'remember', change: payments.reserved });
  });

  it('that succeeds completes the payment', () => {
    const data = { orderId, paymentId, chargeId: 'charge-1', amount, completedAt: 1_000 };
    expect(when('charging', 'chargeAnswered')).toEqual({
      outcome: 'apply',
      change: payments.completed,
      events: [{ name: 'PaymentCompleted', key: orderId, data }],
    });
  });

  it.each(['charging', 'cancelling'] as const)('that is declined fails the payment, when %s', (state) => {
    const data = { orderId, paymentId, code: 'card_declined', failedAt: 1_000 };
    expect(when(state, 'chargeAnswered', { status: 'declined', code: 'card_declined' })).toEqual({
      outcome: 'apply',
      change: payments.failed,
      events: [{ name: 'PaymentFailed', key: orderId, data }],
    });
  });
});

describe('a cancellation', () => {
  const refund = { kind: 'refund', id: `${orderId}/refund`, data: { orderId, chargeId: 'charge-1', amount } };

  it.each(['none', 'ordered', 'reserved'] as const)('leaves a tombstone when %s', (state) => {
    expect(when(state, 'OrderCancelled')).toEqual({ outcome: 'remember', change: payments.cancelled });
  });

  it('is remembered while a charge is in flight', () => {
    expect(when('charging', 'OrderCancelled')).toEqual({ outcome: 'remember', change: payments.cancelling });
  });

  it('is followed by a refund once the charge is known to have succeeded, and the log tells of both', () => {
    const data = { orderId, paymentId, chargeId: 'charge-1', amount, completedAt: 1_000 };
    expect(when('cancelling', 'chargeAnswered')).toEqual({
      outcome: 'apply',
      change: payments.refunding,
      events: [{ name: 'PaymentCompleted', key: orderId, data }],
      effects: [refund],
    });
  });

  it('has a completed payment refunded, all of it', () => {
    expect(when('completed', 'OrderCancelled')).toEqual({
      outcome: 'apply',
      change: payments.refunding,
      effects: [refund],
    });
  });

  it('is done with when the refund is answered', () => {
    const data = {
      orderId,
      paymentId,
      chargeId: 'charge-1',
      refundId: 'refund-1',
      amount,
      refundedAt: 1_000,
    };
    expect(when('refunding', 'refundAnswered')).toEqual({
      outcome: 'apply',
      change: payments.refunded,
      events: [{ name: 'PaymentRefunded', key: orderId, data }],
    });
  });
});
