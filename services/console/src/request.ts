import { z } from 'zod';
import { orderTopics } from './live-event.ts';

/** What `Last-Event-ID` holds, too. */
const place = z.string().regex(/^[\w-]{1,20}\.\d{1,15}$/, 'Must be the id of an event of this stream');

export const streamQuery = z.strictObject({
  /** For who opens a stream anew by itself: a browser sends Last-Event-ID alone when it reconnects the one it has. */
  lastEventId: place.optional(),
});
export const streamHeaders = z.looseObject({ 'last-event-id': place.optional() });

const offset = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const topic = z
  .string()
  .refine((name) => orderTopics.some((known) => known === name), 'Must be a topic of orders');

export const eventPath = z.strictObject({ topic, partition: offset, offset });
export const orderPath = z.strictObject({ orderId: z.string().min(1).max(200) });

export const sessionBody = z.strictObject({ token: z.string().max(500) });
