import { type EventName, groups, lingeringIn } from '@skald/contracts';
import { type Decision, type DecisionContext, type Input, PoisonError, type Reactor } from '@skald/messaging';
import { isOurs, nonsenseIn, type Outcome, type SagaEvent } from './inputs.ts';
import { decidePayment, type Payment } from './payment.ts';
import { load, save } from './store.ts';
import { evolve, paymentOf, type World } from './world.ts';

/** Payment's part in the saga: what happened, and what payment does about it. It charges when it has both. */
export const saga = {
  OrderCreated: 'charge',
  StockReserved: 'charge',
  OrderCancelled: 'refund',
} as const satisfies Record<SagaEvent, 'charge' | 'refund'>;

/** What comes with the topics, but is no business of payment. */
export const unread = {
  OrderConfirmed: 'a confirmed order has been paid',
  StockReservationFailed: 'the order service cancels the order',
  StockReservationCancelled: 'the order was cancelled, which says all',
  StockShipped: 'a shipped order has been paid',
} as const satisfies Partial<Record<EventName, string>>;

export const reactor: Reactor<World, Payment> = {
  consumes: groups.payment,
  lingering: lingeringIn('payment'),
  unread,
  load,
  decide,
  evolve,
  save,
};

function decide(world: World, input: Input, context: DecisionContext): Decision<Payment> {
  const payment = paymentOf(world, input.key);
  if (input.kind === 'outcome') return settle(payment, input as Outcome, context);
  if (!isOurs(input)) return { outcome: 'ignore', reason: 'no business of payment' };
  const nonsense = nonsenseIn(input);
  if (nonsense !== undefined) throw new PoisonError('NONSENSE', `${input.name}: ${nonsense}`);
  return decidePayment(payment, input.name, input.data, context);
}

const settle = (payment: Payment, outcome: Outcome, context: DecisionContext): Decision<Payment> =>
  outcome.name === 'charge'
    ? decidePayment(payment, 'chargeAnswered', outcome.data, context)
    : decidePayment(payment, 'refundAnswered', outcome.data, context);
