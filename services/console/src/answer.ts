import { z } from 'zod';

export const liveEventAnswer = z
  .object({
    topic: z.string(),
    partition: z.int(),
    offset: z.int(),
    key: z.string(),
    event: z.string(),
    service: z.string().describe('Who said it'),
    sequence: z.int().nullable().describe('The version of its key in its topic'),
    at: z.int().describe('When it was decided, epoch ms'),
    recordedAt: z.int().describe('When it was written to the log, epoch ms'),
    id: z.string().nullable(),
    causationId: z.string().nullable(),
    traceId: z.string().nullable(),
  })
  .meta({ id: 'LiveEvent' });

export const eventsAnswer = z.object({
  events: z
    .array(liveEventAnswer)
    .readonly()
    .describe('In the order in which they were read; the newest alone'),
});

export const contentAnswer = z.union([
  z.object({ name: z.string(), data: z.unknown() }),
  z.object({ undecodable: z.string() }),
]);

export const productsAnswer = z.object({
  products: z
    .array(
      z.object({
        sku: z.string(),
        name: z.string(),
        unitPrice: z.int().describe('Minor units'),
        currency: z.string(),
      }),
    )
    .readonly(),
});

export const sessionAnswer = z.object({
  isOperator: z.boolean(),
  /** A page with `{traceId}` in it. */
  traceUrl: z.string().nullable(),
  hasOrderView: z.boolean(),
});
