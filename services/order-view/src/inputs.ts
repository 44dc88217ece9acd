import type { EventInput, Input } from '@skald/messaging';
import { isOfView } from './view.ts';

export const isOurs = (input: Input): input is EventInput => input.kind === 'event' && isOfView(input.name);

/** Lower case: as Postgres gives them back. */
const ORDER_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** What goes into an index must fit into it. */
const MAX_TEXT_LENGTH = 500;

/**
 * Why an event can't be meant as it stands, although its schema allows it. Such an event is poison, and it never
 * reaches SQL, where one bad id would fail a whole batch.
 */
export function nonsenseIn({ key, data, name }: EventInput): string | undefined {
  if (!ORDER_ID.test(key)) return 'the key is no order id';
  if (name !== 'OrderCreated') return undefined;
  const texts = [data.customerId, ...data.lines.flatMap((line) => [line.sku, line.name])];
  if (texts.some((text) => text.length > MAX_TEXT_LENGTH || text.includes('\0'))) return 'an impossible text';
  return data.lines.length === 0 ? 'an order without lines' : undefined;
}
