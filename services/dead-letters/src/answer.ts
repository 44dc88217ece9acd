import { failureSchema, parkedMessageSchema, refusalSchema, verdictSchema } from '@skald/contracts';
import { z } from 'zod';
import type { Row } from './store.ts';

const time = z.iso.datetime();

export const deadLetterAnswer = z
  .object({
    group: z.string(),
    topic: z.string(),
    partition: z.int(),
    offset: z.int(),
    key: z.string().describe('Text, or hex:…'),
    event: z.string().nullable().describe('As the headers name it'),
    error: failureSchema,
    attempts: z.int().describe('1, and one more for each redrive that failed'),
    recordedAt: time.describe('When the record was written'),
    firstFailedAt: time,
    lastFailedAt: time,
    edited: z.boolean(),
    state: z.enum(['open', 'redriven', 'discarded']),
    resolvedAt: time.nullable(),
    resolvedBy: z.string().nullable(),
    resolvedBecause: z.string().nullable(),
  })
  .meta({ id: 'DeadLetter' });
export type DeadLetterAnswer = z.infer<typeof deadLetterAnswer>;

export const describeRow = (row: Row): DeadLetterAnswer => ({
  group: row.consumer_group,
  topic: row.topic,
  partition: row.partition,
  offset: row.offset,
  key: row.key,
  event: row.event,
  error: { code: row.error_code, text: row.error_text },
  attempts: row.attempts,
  recordedAt: row.recorded_at.toISOString(),
  firstFailedAt: row.first_failed_at.toISOString(),
  lastFailedAt: row.last_failed_at.toISOString(),
  edited: row.edited,
  state: row.state,
  resolvedAt: row.resolved_at?.toISOString() ?? null,
  resolvedBy: row.resolved_by,
  resolvedBecause: row.resolved_because,
});

const counts = z.record(z.string(), z.int());

export const listAnswer = z
  .object({
    deadLetters: z.array(deadLetterAnswer).describe('Newest first'),
    nextCursor: z.string().nullable(),
    /** How many match in all, and by what they can be told apart; on the first page alone. */
    facets: z.object({ total: z.int(), group: counts, topic: counts, code: counts }).nullable(),
  })
  .meta({ id: 'DeadLetterPage' });
export type ListAnswer = z.infer<typeof listAnswer>;

const content = z.union([
  z.object({ name: z.string(), data: z.unknown() }),
  z.object({ undecodable: z.string() }),
]);

const neighbour = z.object({
  offset: z.int(),
  at: time,
  sequence: z.int().nullable(),
  content,
});

export const detailAnswer = z
  .object({
    deadLetter: deadLetterAnswer,
    content: content.describe('Decoded; or why it can not be'),
    rawKey: z.string().nullable().describe('Base64'),
    rawValue: z.string().nullable().describe('Base64'),
    originalValue: z.string().nullable().describe('Base64: as it came, once it was edited'),
    headers: z.record(z.string(), z.string()).describe('Text, or hex:…'),
    stack: z.string().nullable(),
    /** As its service has it now; null where that can't be asked. */
    parking: z
      .object({
        queue: z.array(parkedMessageSchema).describe('The open messages of its key, in order, itself first'),
        redrivesLeft: z.int(),
      })
      .nullable(),
    neighbours: z
      .object({
        before: z.array(neighbour),
        after: z.array(neighbour),
        from: z.int().describe('The first offset that was looked at'),
        to: z.int().describe('The one behind the last'),
      })
      .nullable()
      .describe('The events of its key before and after, in its partition'),
    traceUrl: z.string().nullable(),
    /** What could not be found out, and why. */
    missing: z.array(z.string()),
  })
  .meta({ id: 'DeadLetterDetail' });
export type DetailAnswer = z.infer<typeof detailAnswer>;

const named = z.object({
  group: z.string(),
  topic: z.string(),
  partition: z.int(),
  offset: z.int(),
  key: z.string().nullable().describe('Null for one that is not known'),
});

/** One line of the answer to tries, redrives and discards. */
export const lineSchema = z
  .discriminatedUnion('type', [
    z.object({
      type: z.literal('start'),
      action: z.enum(['try', 'redrive', 'discard']),
      dryRun: z.boolean(),
      total: z.int(),
    }),
    z.object({
      type: z.literal('result'),
      deadLetter: named,
      /** A refusal, a verdict, or `discarded`: of this message alone. */
      outcome: z.string(),
      failed: z.boolean(),
      refusal: refusalSchema.nullable(),
      verdicts: z.array(verdictSchema).describe('Of the message, and of those behind it'),
      drained: z.boolean().describe('Nothing of its key is parked any more'),
      taken: z.int().describe('How many messages of its key were taken in'),
    }),
    z.object({ type: z.literal('waiting'), for: z.string(), because: z.string() }),
    z.object({
      type: z.literal('end'),
      total: z.int(),
      done: z.int(),
      failed: z.int(),
      taken: z.int(),
      outcomes: counts,
      /** Why it ended before it was done. */
      stopped: z.string().nullable(),
    }),
  ])
  .meta({ id: 'Line' });
export type Line = z.infer<typeof lineSchema>;
export type ResultLine = Extract<Line, { type: 'result' }>;
export type EndLine = Extract<Line, { type: 'end' }>;

export const editAnswer = z
  .object({ message: parkedMessageSchema, content: content.nullable() })
  .meta({ id: 'Edited' });

export const auditAnswer = z
  .object({
    entries: z
      .array(
        z.object({
          group: z.string(),
          id: z.int(),
          at: time,
          by: z.string(),
          action: z.string(),
          topic: z.string(),
          partition: z.int(),
          offset: z.int(),
          key: z.string(),
          reason: z.string(),
          result: z.string(),
        }),
      )
      .describe('Newest first'),
    missing: z.array(z.string()).describe('Services that could not be asked, and why'),
  })
  .meta({ id: 'AuditLog' });
export type AuditAnswer = z.infer<typeof auditAnswer>;
