import { orderStatuses, serviceNames } from '@skald/contracts';
import { z } from 'zod';
import { parsePositions } from './feed.ts';
import type { Filter, Place } from './order-store.ts';

const MAX_PAGE = 100;
const MAX_TEXT = 200;
const MAX_AMOUNT = 1e15;

const text = z
  .string()
  .min(1)
  .max(MAX_TEXT)
  .refine((value) => !value.includes('\0'), 'must not hold the character NUL');

const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, `must be a whole number, ${least} to ${most}`)
    .transform(Number)
    .pipe(z.number().min(least).max(most));

const time = z.iso.datetime({ offset: true }).transform((value) => Date.parse(value));

/** As Postgres gives them back, whatever case they are asked for in. */
const orderId = z.uuid().transform((id) => id.toLowerCase());

export const orderPath = z.strictObject({
  orderId: orderId.describe('As POST /orders has answered it').meta({
    examples: ['01a1fe09-5e67-7f68-8164-e3d98ce02c3a'],
  }),
});

export const afterQuery = z.strictObject({
  after: wholeNumber(1, 2 ** 31 - 1)
    .optional()
    .describe('Wait until the model has this version, or a later one: 1 for an order that was just placed'),
});

export const pageQuery = z.strictObject({
  customerId: text.optional().describe('Whose orders: the whole id'),
  sku: text.optional().describe('Orders with a line of this product: the whole SKU'),
  status: z.enum(orderStatuses).optional().describe('As the order service has it'),
  waitsFor: z.enum(serviceNames).optional().describe('The service that owes the next step'),
  text: text
    .optional()
    .describe('Words in the names of its products; or the order id, from its beginning, 8 digits or more'),
  minAmount: wholeNumber(0, MAX_AMOUNT).optional().describe('Minor units of the currency: cents'),
  maxAmount: wholeNumber(0, MAX_AMOUNT).optional().describe('Minor units of the currency: cents'),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code: EUR')
    .optional()
    .describe('ISO 4217: orders in this currency alone'),
  from: time.optional().describe('Placed at this time or later'),
  to: time.optional().describe('Placed before this time'),
  sort: z
    .enum(['newest', 'oldest'])
    .default('newest')
    .describe('Which end comes first, by the time of placing'),
  limit: wholeNumber(1, MAX_PAGE).default(20).describe(`Orders a page, 1 to ${MAX_PAGE}`),
  cursor: z
    .string()
    .max(100)
    .transform((cursor, context): Place => {
      const place = placeOfCursor(cursor);
      if (place !== undefined) return place;
      context.addIssue({ code: 'custom', message: 'must be a nextCursor of an earlier page' });
      return z.NEVER;
    })
    .optional()
    .describe('Where the page starts: nextCursor of the one before, with the same filters'),
});

export type PageQuery = z.infer<typeof pageQuery>;

export function filterOf(query: PageQuery): Filter {
  const { sort: _sort, limit: _limit, cursor: _cursor, ...filter } = query;
  return filter;
}

export const cursorOf = ({ placedAt, orderId: id }: Place): string =>
  Buffer.from(`${placedAt} ${id}`).toString('base64url');

function placeOfCursor(cursor: string): Place | undefined {
  const match = /^(\d{1,15}) ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(
    Buffer.from(cursor, 'base64url').toString(),
  );
  return match?.[2] === undefined ? undefined : { placedAt: Number(match[1]), orderId: match[2] };
}

const positions = z
  .string()
  .max(20_000)
  .transform((value, context) => {
    const parsed = parsePositions(value);
    if (parsed !== undefined) return parsed;
    context.addIssue({ code: 'custom', message: 'must be the id of an earlier event' });
    return z.NEVER;
  });

export const streamQuery = z.strictObject({
  orderId: orderId.optional().describe('Changes of this order alone'),
  from: positions
    .optional()
    .describe('Where to begin: the position of an earlier answer. From now on by default'),
});

export const streamHeaders = z.object({
  'last-event-id': positions
    .optional()
    .describe('Where to go on: the id of the last event that was received'),
});
