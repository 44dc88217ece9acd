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

const perSecond = z.number().nullable().describe('Since the look before; null at the first');

const groupAnswer = z.object({
  lag: z.record(z.string(), z.number()).readonly().describe('Records not yet taken in, by topic'),
  perSecond,
  publishedPerSecond: perSecond,
  outboxDepth: z.number(),
  outboxOldestSeconds: z.number().nullable(),
  isRelayActive: z.boolean(),
  isHalted: z.boolean(),
  parkedMessages: z.number(),
  parkedOldestSeconds: z.number(),
  effectsOpen: z.number(),
});

const verdictAnswer = z.union([
  z.object({ state: z.enum(['away', 'could not audit']) }),
  z.object({
    state: z.literal('audited'),
    at: z.number().describe('When the audit began, epoch ms'),
    seconds: z.number(),
    violations: z.number(),
    invariants: z
      .array(
        z.object({
          invariant: z.string().describe('Its number in the design'),
          promise: z.string().describe('The same in words'),
          checked: z.number().describe('Things that were looked at'),
          violations: z.number(),
        }),
      )
      .readonly(),
    orders: z.number(),
    inFlight: z.number(),
    stuck: z.number(),
  }),
]);

export const vitalsAnswer = z
  .object({
    at: z.number().describe('Epoch ms'),
    services: z
      .array(
        z.object({
          service: z.string(),
          state: z.enum(['ready', 'not ready', 'away', 'unknown']).describe('unknown: without an address'),
          checks: z
            .array(
              z.object({ name: z.string(), ready: z.boolean(), detail: z.string().optional() }).readonly(),
            )
            .readonly(),
          group: groupAnswer.nullable(),
        }),
      )
      .readonly(),
    deadLettersOpen: z.number().nullable(),
    audit: verdictAnswer.nullable().describe('Null where no auditor is configured'),
  })
  .meta({ id: 'Vitals' });
