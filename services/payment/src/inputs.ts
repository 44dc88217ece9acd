import type { EventInput, Input, OutcomeInput } from '@skald/messaging';
import type { ChargeAnswer, RefundAnswer } from './provider.ts';

/** The events that payment reacts to. */
export type SagaEvent = 'OrderCreated' | 'StockReserved' | 'OrderCancelled';

/** The provider's answers, which the effects bring back. */
export type Outcome = OutcomeInput<'charge', ChargeAnswer> | OutcomeInput<'refund', RefundAnswer>;

const ours: ReadonlySet<string> = new Set<SagaEvent>(['OrderCreated', 'StockReserved', 'OrderCancelled']);

export const isOurs = (input: Input): input is EventInput<SagaEvent> =>
  input.kind === 'event' && ours.has(input.name);

const ORDER_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Lower case: as Postgres gives them back. */
export const isOrderId = (text: string): boolean => ORDER_ID.test(text);

const CURRENCY = /^[A-Z]{3}$/;
/** What providers call a token; what can't be one must not reach SQL or the provider. */
const TOKEN = /^[\x21-\x7e]{1,200}$/;

/**
 * Why an event can't be meant as it stands, although its schema allows it. Such an event is poison, and it never
 * reaches SQL, where one bad id would fail a whole batch.
 */
export function nonsenseIn(event: EventInput<SagaEvent>): string | undefined {
  if (!isOrderId(event.key)) return 'the key is no order id';
  if (event.data.orderId !== event.key) return 'the key is another order';
  if (event.name !== 'OrderCreated') return undefined;
  if (!CURRENCY.test(event.data.total.currency)) return 'the currency is no ISO 4217 code';
  if (!TOKEN.test(event.data.paymentMethod)) return 'the payment method is no token';
  return undefined;
}
