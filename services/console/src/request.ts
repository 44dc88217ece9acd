import { z } from 'zod';
import { orderTopics } from './live-event.ts';

/** What `Last-Event-ID` holds, too. */
const place = z
  .string()
  .regex(/^[\w-]{1,20}\.\d{1,15}$/, 'Must be the id of an event of this stream')
  .meta({
    description: 'Where to go on: the id of the last event that was heard',
    examples: ['Xq3v9dKf.1042'],
  });

export const streamQuery = z.strictObject({
  /** For who opens a stream anew by itself: a browser sends Last-Event-ID alone when it reconnects the one it has. */
  lastEventId: place.optional().describe('For who opens a stream anew by itself: as Last-Event-ID'),
});
export const streamHeaders = z.looseObject({
  'last-event-id': place.optional().describe('The id of the last event that was heard'),
});

const offset = z.coerce
  .number()
  .int()
  .min(0)
  .max(Number.MAX_SAFE_INTEGER)
  .meta({ description: 'Where it lies in its topic', examples: [3] });
const topic = z
  .string()
  .refine((name) => orderTopics.some((known) => known === name), 'Must be a topic of orders')
  .meta({ description: 'One that tells of orders', examples: [orderTopics[0]] });

export const eventPath = z.strictObject({ topic, partition: offset, offset });
export const orderPath = z.strictObject({
  orderId: z
    .string()
    .min(1)
    .max(200)
    .meta({
      description: 'As the answer to its POST names it',
      examples: ['01a1fe09-5e67-7f68-8164-e3d98ce02c3a'],
    }),
});

export const sessionBody = z.strictObject({ token: z.string().max(500) });
