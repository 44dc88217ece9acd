import type { CommandInput, EventInput, Input } from '@skald/messaging';
import { mergeLines } from './reservation.ts';

/** The events that inventory reacts to. */
export type SagaEvent = 'OrderCreated' | 'OrderConfirmed' | 'OrderCancelled';

/** What inventory is asked for from the side. */
export type Command =
  /** A stock count: what is on hand of this SKU from now on. Answers the stock, or null for a SKU that we don't have. */
  | CommandInput<'CountStock', { readonly sku: string; readonly onHand: number }>
  /** A new house lists its catalogue. Answers how many products were listed: none if they were listed before. */
  | CommandInput<'ListCatalogue', null>;

const ours: ReadonlySet<string> = new Set<SagaEvent>(['OrderCreated', 'OrderConfirmed', 'OrderCancelled']);

export const isOurs = (input: Input): input is EventInput<SagaEvent> =>
  input.kind === 'event' && ours.has(input.name);

/** Lower case: as Postgres gives them back. */
const ORDER_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Avro's int, which our own events carry quantities in. */
const MAX_QUANTITY = 2 ** 31 - 1;
const MAX_SKU_LENGTH = 100;

/**
 * Why an event can't be meant as it stands, although its schema allows it. Such an event is poison, and it never
 * reaches SQL, where one bad id would fail a whole batch.
 */
export function nonsenseIn(event: EventInput<SagaEvent>): string | undefined {
  if (!ORDER_ID.test(event.key)) return 'the key is no order id';
  if (event.data.orderId !== event.key) return 'the key is another order';
  if (event.name !== 'OrderCreated') return undefined;
  const { lines } = event.data;
  if (lines.length === 0) return 'an order without lines';
  if (lines.some(({ quantity }) => quantity < 1)) return 'a quantity below 1';
  if (lines.some(({ sku }) => sku === '' || sku.length > MAX_SKU_LENGTH || sku.includes('\0')))
    return 'an impossible SKU';
  if (mergeLines(lines).some(({ quantity }) => quantity > MAX_QUANTITY)) return 'a quantity beyond counting';
  return undefined;
}
