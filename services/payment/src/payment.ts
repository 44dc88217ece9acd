import type { Events, Money } from '@skald/contracts';
import { type Decision, type DecisionContext, type NewEffect, PoisonError } from '@skald/messaging';
import type { ChargeAnswer, ChargeOrder, RefundAnswer, RefundOrder } from './provider.ts';

/** What the order says of its payment. */
interface Terms {
  readonly amount: Money;
  /** The provider's token: tok_visa. */
  readonly paymentMethod: string;
}

/** A charge that was asked for; from here on the payment has an id of its own. */
interface Attempt extends Terms {
  /** UUIDv7. */
  readonly paymentId: string;
}

interface Charged extends Attempt {
  /** The provider's number of the charge. */
  readonly chargeId: string;
}

/**
 * How an order's payment stands, and what is known of it then.
 * - `none`: not heard of yet
 * - `ordered`: the amount is known; waits for the stock
 * - `reserved`: the stock is set aside; waits for the order, which the reservation has overtaken
 * - `charging`: the provider is asked to charge, its answer is not in yet
 * - `completed`: charged
 * - `failed`: the provider declined; no money has moved
 * - `cancelling`: cancelled while the charge is in flight: refunded once its answer is known
 * - `refunding`: the provider is asked to give the charge back
 * - `refunded`: given back, all of it
 * - `cancelled`: a tombstone: cancelled before a charge was asked for, so none ever will be
 */
interface KnownInState {
  none: unknown;
  ordered: Terms;
  reserved: unknown;
  charging: Attempt;
  completed: Charged;
  failed: Attempt & { readonly code: string };
  cancelling: Attempt;
  refunding: Charged;
  refunded: Charged & { readonly refundId: string };
  cancelled: unknown;
}

export type PaymentState = keyof KnownInState;

export type Payment<State extends PaymentState = PaymentState> = {
  readonly [S in State]: { readonly orderId: string; readonly state: S } & KnownInState[S];
}[State];

/** All that can happen to a payment, and what is told of it. */
export interface Facts {
  OrderCreated: Events['OrderCreated'];
  StockReserved: Events['StockReserved'];
  OrderCancelled: Events['OrderCancelled'];
  chargeAnswered: ChargeAnswer;
  refundAnswered: RefundAnswer;
}

export type Fact = keyof Facts;

type Rule<State extends PaymentState, F extends Fact> = (
  payment: Payment<State>,
  told: Facts[F],
  context: DecisionContext,
) => Decision<Payment>;

const ignore = (reason: string) => (): Decision<never> => ({ outcome: 'ignore', reason });
const poison = (code: string, message: string) => (): never => {
  throw new PoisonError(code, message);
};

const alreadyBilled = ignore('the amount is known already');
const alreadyCharged = ignore('the charge was asked for already');
const alreadyUndone = ignore('undone already');
const neverToBeCharged = ignore('cancelled before it was charged');
const alreadySettled = ignore('the answer is known already');
const chargeOutOfNothing = poison('CHARGE_UNASKED', 'an answer came to a charge that nobody asked for');
const refundOutOfNothing = poison('REFUND_UNASKED', 'an answer came to a refund that nobody asked for');

/** What follows, for each state and fact. */
export const rules: {
  readonly [State in PaymentState]: { readonly [F in Fact]: Rule<State, F> };
} = {
  none: {
    OrderCreated: rememberTerms,
    StockReserved: rememberStock,
    OrderCancelled: leaveTombstone,
    chargeAnswered: chargeOutOfNothing,
    refundAnswered: refundOutOfNothing,
  },
  ordered: {
    OrderCreated: alreadyBilled,
    StockReserved: (payment, _stock, context) => askToCharge(payment.orderId, payment, context),
    OrderCancelled: leaveTombstone,
    chargeAnswered: chargeOutOfNothing,
    refundAnswered: refundOutOfNothing,
  },
  reserved: {
    OrderCreated: ({ orderId }, order, context) => askToCharge(orderId, termsOf(order), context),
    StockReserved: ignore('the stock is known to be set aside already'),
    OrderCancelled: leaveTombstone,
    chargeAnswered: chargeOutOfNothing,
    refundAnswered: refundOutOfNothing,
  },
  charging: {
    OrderCreated: alreadyBilled,
    StockReserved: alreadyCharged,
    OrderCancelled: rememberCancel,
    chargeAnswered: complete,
    refundAnswered: refundOutOfNothing,
  },
  completed: {
    OrderCreated: alreadyBilled,
    StockReserved: alreadyCharged,
    OrderCancelled: (payment) => askToRefund(payment),
    chargeAnswered: alreadySettled,
    refundAnswered: refundOutOfNothing,
  },
  failed: {
    OrderCreated: alreadyBilled,
    StockReserved: alreadyCharged,
    OrderCancelled: ignore('nothing was charged'),
    chargeAnswered: alreadySettled,
    refundAnswered: refundOutOfNothing,
  },
  cancelling: {
    OrderCreated: alreadyBilled,
    StockReserved: alreadyCharged,
    OrderCancelled: alreadyUndone,
    chargeAnswered: refundOnceCharged,
    refundAnswered: refundOutOfNothing,
  },
  refunding: {
    OrderCreated: alreadyBilled,
    StockReserved: alreadyCharged,
    OrderCancelled: alreadyUndone,
    chargeAnswered: alreadySettled,
    refundAnswered: finishRefund,
  },
  refunded: {
    OrderCreated: alreadyBilled,
    StockReserved: alreadyCharged,
    OrderCancelled: alreadyUndone,
    chargeAnswered: alreadySettled,
    refundAnswered: alreadySettled,
  },
  cancelled: {
    OrderCreated: neverToBeCharged,
    StockReserved: neverToBeCharged,
    OrderCancelled: alreadyUndone,
    chargeAnswered: chargeOutOfNothing,
    refundAnswered: refundOutOfNothing,
  },
};

export const noPayment = (orderId: string): Payment => ({ orderId, state: 'none' });

/** The table's word on a payment. Throws PoisonError for what can't happen. */
export function decidePayment<F extends Fact>(
  payment: Payment,
  fact: F,
  told: Facts[F],
  context: DecisionContext,
): Decision<Payment> {
  // The row of a payment's state takes that payment; the compiler can't follow the two from one index to the other.
  const rule = rules[payment.state][fact] as Rule<PaymentState, F>;
  return rule(payment, told, context);
}

const termsOf = (order: Events['OrderCreated']): Terms => ({
  amount: order.total,
  paymentMethod: order.paymentMethod,
});

function rememberTerms({ orderId }: Payment, order: Events['OrderCreated']): Decision<Payment> {
  return { outcome: 'remember', change: { orderId, state: 'ordered', ...termsOf(order) } };
}

/** The reservation has overtaken the order that it is for: another topic, so nothing keeps them in order. */
function rememberStock({ orderId }: Payment): Decision<Payment> {
  return { outcome: 'remember', change: { orderId, state: 'reserved' } };
}

function leaveTombstone({ orderId }: Payment): Decision<Payment> {
  return { outcome: 'remember', change: { orderId, state: 'cancelled' } };
}

/** Nobody can call a charge back from the wire: what to undo is only known when its answer is in. */
function rememberCancel(payment: Payment<'charging'>): Decision<Payment> {
  return { outcome: 'remember', change: { ...payment, state: 'cancelling' } };
}

/** The order alone makes the key, so that an order can't be charged twice, whatever crashes in between. */
function askToCharge(orderId: string, terms: Terms, context: DecisionContext): Decision<Payment> {
  const { amount, paymentMethod } = terms;
  const effect: NewEffect<'charge', ChargeOrder> = {
    kind: 'charge',
    id: `${orderId}/charge`,
    data: { orderId, amount, paymentMethod },
  };
  return {
    outcome: 'apply',
    change: { orderId, state: 'charging', paymentId: context.newId(), amount, paymentMethod },
    effects: [effect],
  };
}

function complete(
  payment: Payment<'charging'>,
  answer: ChargeAnswer,
  { now }: DecisionContext,
): Decision<Payment> {
  if (answer.status === 'declined') return fail(payment, answer.code, now);
  const charged: Payment<'completed'> = { ...payment, state: 'completed', chargeId: answer.chargeId };
  return { outcome: 'apply', change: charged, events: [paymentCompleted(charged, now)] };
}

/** The log tells what happened to the money: it was charged, although the order was cancelled by then. */
function refundOnceCharged(
  payment: Payment<'cancelling'>,
  answer: ChargeAnswer,
  { now }: DecisionContext,
): Decision<Payment> {
  if (answer.status === 'declined') return fail(payment, answer.code, now);
  const charged: Payment<'completed'> = { ...payment, state: 'completed', chargeId: answer.chargeId };
  return { ...askToRefund(charged), events: [paymentCompleted(charged, now)] };
}

function fail(payment: Payment<'charging' | 'cancelling'>, code: string, now: number): Decision<Payment> {
  const { orderId, paymentId } = payment;
  return {
    outcome: 'apply',
    change: { ...payment, state: 'failed', code },
    events: [{ name: 'PaymentFailed', key: orderId, data: { orderId, paymentId, code, failedAt: now } }],
  };
}

function askToRefund(payment: Payment<'completed'>) {
  const { orderId, chargeId, amount } = payment;
  const effect: NewEffect<'refund', RefundOrder> = {
    kind: 'refund',
    id: `${orderId}/refund`,
    data: { orderId, chargeId, amount },
  };
  return { outcome: 'apply', change: { ...payment, state: 'refunding' }, effects: [effect] } as const;
}

function finishRefund(
  payment: Payment<'refunding'>,
  { refundId }: RefundAnswer,
  { now }: DecisionContext,
): Decision<Payment> {
  const { orderId, paymentId, chargeId, amount } = payment;
  const data = { orderId, paymentId, chargeId, refundId, amount, refundedAt: now };
  return {
    outcome: 'apply',
    change: { ...payment, state: 'refunded', refundId },
    events: [{ name: 'PaymentRefunded', key: orderId, data }],
  };
}

function paymentCompleted({ orderId, paymentId, chargeId, amount }: Payment<'completed'>, now: number) {
  const data = { orderId, paymentId, chargeId, amount, completedAt: now };
  return { name: 'PaymentCompleted', key: orderId, data } as const;
}
