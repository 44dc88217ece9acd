import type { EventInput, Input, OutcomeInput } from '@skald/messaging';
import type { BookingAnswer } from './carrier.ts';

/** The events that shipping reacts to. */
export type SagaEvent = 'OrderContact' | 'PaymentCompleted' | 'OrderConfirmed' | 'OrderCancelled';

/** The carrier's answers. */
export type CarrierOutcome = OutcomeInput<'booking', BookingAnswer> | OutcomeInput<'call-off', unknown>;

export type ShipmentInput = EventInput<SagaEvent> | CarrierOutcome;

const ours: ReadonlySet<string> = new Set<ShipmentInput['name']>([
  'OrderContact',
  'PaymentCompleted',
  'OrderConfirmed',
  'OrderCancelled',
  'booking',
  'call-off',
]);

export const isOurs = (input: Input): input is ShipmentInput =>
  input.kind !== 'command' && ours.has(input.name);

/** Lower case: as Postgres gives them back. */
const ORDER_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Why an input can't be meant as it stands, although its schema allows it. Such an event is poison, and it never
 * reaches SQL, where one bad id would fail a whole batch.
 */
export function nonsenseIn(input: ShipmentInput): string | undefined {
  if (!ORDER_ID.test(input.key)) return 'the key is no order id';
  if (input.kind === 'outcome') return undefined;
  if (input.data.orderId !== input.key) return 'the key is another order';
  if (input.name !== 'OrderContact') return undefined;
  const { name, street, postalCode, city, country } = input.data;
  const parts = [name, street, postalCode, city, country];
  if (parts.some((part) => part.trim() === '')) return 'an address with a part left blank';
  if (parts.some((part) => part.includes('\0'))) return 'an address that can not be printed';
  return undefined;
}
