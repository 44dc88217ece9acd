import { z } from 'zod';
import { type TopicName, topicOf, topics } from './catalogue.ts';
import { type EventName, eventNames } from './generated/events.ts';

/**
 * What an operator sees of a service's parking and may do with it: the routes that every service mounts under
 * `/operator`, behind the bearer token `OPERATOR_TOKEN`. Only dead-letters and the console call them.
 *
 * | route | takes | answers |
 * |---|---|---|
 * | GET /operator/parking | – | `parkingSchema` |
 * | GET /operator/parked | `parkedQuerySchema` | `parkedPageSchema` |
 * | GET /operator/parked/{topic}/{partition}/{offset} | – | `parkedDetailSchema` |
 * | POST /operator/try | `tryRequestSchema` | `tryAnswerSchema` |
 * | POST /operator/redrive | `redriveRequestSchema` | `redriveAnswerSchema` |
 * | POST /operator/discard | `actRequestSchema` | `redriveAnswerSchema` |
 * | POST /operator/edit | `editRequestSchema` | `parkedDetailSchema` |
 * | GET /operator/log | `logQuerySchema` | `logPageSchema` |
 */

/** Messages of one request: each is a transaction of its own. */
export const MAX_MESSAGES = 100;

const topicNames = Object.keys(topics) as [TopicName, ...TopicName[]];
const text = z.string().max(1_000);
const isoTime = z.iso.datetime();

/** A whole number in a URL. */
const integer = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(min).max(max));
const page = {
  limit: integer(1, 1_000)
    .default(100)
    .meta({ description: 'Entries a page, 1 to 1,000', examples: ['20'] }),
  after: integer(0, Number.MAX_SAFE_INTEGER)
    .default(0)
    .meta({ description: '`next` of the page before; 0: from the beginning', examples: ['0'] }),
};

/** Where a message was read: together with the group, a dead letter's identity. */
export const messageIdSchema = z.strictObject({
  topic: z.enum(topicNames),
  partition: z.int().min(0),
  offset: z.int().min(0),
});
export type MessageId = z.infer<typeof messageIdSchema>;

export const parkedPathSchema = z.strictObject({
  topic: z.enum(topicNames).meta({ description: 'Where it was read', examples: [topicOf('OrderCreated')] }),
  partition: integer(0, 1_000_000).meta({ description: 'Its partition there', examples: ['3'] }),
  offset: integer(0, Number.MAX_SAFE_INTEGER).meta({ description: 'Its offset there', examples: ['17'] }),
});

export const failureSchema = z.object({ code: z.string(), text: z.string() });

export const parkedMessageSchema = messageIdSchema.extend({
  /** The key it is parked under: text, or `hex:…`. */
  key: z.string(),
  /** `failed`: a dead letter. `waiting`: behind one of its key. The rest is over. */
  state: z.enum(['failed', 'waiting', 'redriven', 'discarded']),
  /** The event as its headers name it; null where they don't. */
  event: z.string().nullable(),
  sequence: z.int().nullable(),
  error: failureSchema.nullable(),
  /** How often it was tried: 1, and once more for each redrive. */
  attempts: z.int(),
  /** Its value was replaced since it came. */
  edited: z.boolean(),
  /** When the record was written. */
  recordedAt: isoTime,
  parkedAt: isoTime,
});
export type ParkedMessage = z.infer<typeof parkedMessageSchema>;

export const parkedQuerySchema = z.strictObject({
  topic: z.enum(topicNames).optional().describe('Read from this topic alone'),
  key: z.string().max(300).optional().describe('The whole key; `hex:…` of one that is no text'),
  state: z
    .enum(['failed', 'waiting'])
    .optional()
    .describe('`failed`: a dead letter. `waiting`: behind one of its key'),
  ...page,
});
export type ParkedQuery = z.infer<typeof parkedQuerySchema>;

export const parkedPageSchema = z.object({
  messages: z.array(parkedMessageSchema),
  next: z.int().nullable(),
});
export type ParkedPage = z.infer<typeof parkedPageSchema>;

/** All that is open in one service's parking. */
export const parkingSchema = z.object({
  messages: z.int(),
  failed: z.int(),
  keys: z.int(),
  oldestAt: isoTime.nullable(),
});
export type Parking = z.infer<typeof parkingSchema>;

export const parkedDetailSchema = z.object({
  message: parkedMessageSchema,
  /** Decoded; or why it can't be. Null once it is over: the dead letter topic has the bytes. */
  content: z
    .union([z.object({ name: z.string(), data: z.unknown() }), z.object({ undecodable: z.string() })])
    .nullable(),
  /** Base64. */
  rawKey: z.string().nullable(),
  rawValue: z.string().nullable(),
  /** Text where they are UTF-8, else `hex:…`. */
  headers: z.record(z.string(), z.string()),
  stack: z.string().nullable(),
  /** The open messages of its key in its topic, in the order in which they would be drained; at most 100. */
  queue: z.array(parkedMessageSchema),
  /** How many redrives are left before it has to be edited or discarded. */
  redrivesLeft: z.int(),
});
export type ParkedDetail = z.infer<typeof parkedDetailSchema>;

/** What a message would do, or has done. */
export const verdictSchema = messageIdSchema.extend({
  event: z.string().nullable(),
  /**
   * - `applies`: changes the state; `events` and `effects` follow
   * - `remembered`: too early; kept until what it waits for comes
   * - `ignored`: no legal transition, or nothing to do: what the rules' table says of it is the `reason`
   * - `duplicate`: was applied before
   * - `fails`: with the `error`
   * - `not-reached`: an earlier one of its key fails
   */
  verdict: z.enum(['applies', 'remembered', 'ignored', 'duplicate', 'fails', 'not-reached']),
  reason: z.string().nullable(),
  error: failureSchema.nullable(),
  events: z.array(z.object({ name: z.string(), topic: z.string(), key: z.string(), data: z.unknown() })),
  effects: z.array(z.object({ kind: z.string(), id: z.string() })),
});
export type Verdict = z.infer<typeof verdictSchema>;

export const tryRequestSchema = z
  .strictObject({
    messages: z.array(messageIdSchema).min(1).max(MAX_MESSAGES),
    /** With one message alone: as if its value were this. */
    data: z.unknown().optional(),
    /** As in `redriveRequestSchema`. */
    acceptGap: z.boolean().default(false),
  })
  .refine(({ messages, data }) => data === undefined || messages.length === 1, {
    path: ['data'],
    message: 'goes with one message alone',
  });
export type TryRequest = z.infer<typeof tryRequestSchema>;

/** Why a message can't be acted upon. */
export const refusalSchema = z.enum([
  /** Not parked here. */
  'unknown',
  /** Redriven or discarded before. */
  'resolved',
  /** It waits behind a failed message of its key: act upon that one. */
  'waiting',
  /** Redriven too often without success: edit or discard it. */
  'too-many-redrives',
]);
export type Refusal = z.infer<typeof refusalSchema>;

const tryResultSchema = z.object({
  message: messageIdSchema,
  refusal: refusalSchema.nullable(),
  /**
   * Of the message, and of those that wait behind it, in their order. At most 100, and in any case the one that fails.
   * Of a redrive: those that were reached.
   */
  verdicts: z.array(verdictSchema),
});
export const tryAnswerSchema = z.object({ results: z.array(tryResultSchema) });
export type TryAnswer = z.infer<typeof tryAnswerSchema>;

/** Who acts, and why: goes into the audit log. */
const actor = { by: text.min(1), reason: text.min(1) };

export const actRequestSchema = z.strictObject({
  messages: z.array(messageIdSchema).min(1).max(MAX_MESSAGES),
  ...actor,
});
export type ActRequest = z.infer<typeof actRequestSchema>;

export const redriveRequestSchema = actRequestSchema.extend({
  /** Takes the message in though its predecessors are missing: should they still come, they count as duplicates. */
  acceptGap: z.boolean().default(false),
});
export type RedriveRequest = z.infer<typeof redriveRequestSchema>;

export const redriveAnswerSchema = z.object({
  results: z.array(
    tryResultSchema.extend({
      /** Whether nothing of its key in its topic is parked any more. */
      drained: z.boolean(),
      /** How many messages of its key were taken in, this one among them. */
      taken: z.int(),
    }),
  ),
});
export type RedriveAnswer = z.infer<typeof redriveAnswerSchema>;

export const editRequestSchema = z.strictObject({
  message: messageIdSchema,
  /** The event's name, where neither value nor headers tell. */
  name: z.enum(eventNames as unknown as [EventName, ...EventName[]]).optional(),
  /** The new value, as the event's schema wants it. */
  data: z.unknown(),
  ...actor,
});
export type EditRequest = z.infer<typeof editRequestSchema>;

export const logQuerySchema = z.strictObject(page);
export type LogQuery = z.infer<typeof logQuerySchema>;

/** One line of the audit log. */
export const logEntrySchema = messageIdSchema.extend({
  id: z.int(),
  at: isoTime,
  by: z.string(),
  action: z.enum(['redrive', 'discard', 'edit']),
  key: z.string(),
  reason: z.string(),
  /** What came of it: `drained 3`, `fails again: HANDLER_FAILED`. */
  result: z.string(),
});
export type LogEntry = z.infer<typeof logEntrySchema>;

export const logPageSchema = z.object({ entries: z.array(logEntrySchema), next: z.int().nullable() });
export type LogPage = z.infer<typeof logPageSchema>;

/** Headers that a dead letter carries beside those of the message, and that tell what became of it. */
export const deadLetterHeaders = {
  topic: 'dlq_topic',
  partition: 'dlq_partition',
  offset: 'dlq_offset',
  /** Of the record, ISO. */
  timestamp: 'dlq_timestamp',
  group: 'dlq_group',
  errorCode: 'dlq_error_code',
  errorText: 'dlq_error_text',
  errorStack: 'dlq_error_stack',
  attempts: 'dlq_attempts',
  firstFailure: 'dlq_first_failure',
  /** Present: this record is no dead letter, but says what became of one: redriven, discarded, edited (its value is the new one). */
  resolution: 'dlq_resolution',
  by: 'dlq_by',
  reason: 'dlq_reason',
  time: 'dlq_time',
} as const;

/** A field of a value that doesn't fit its schema. */
export interface InvalidField {
  /** JSON pointer into the value: `/lines/0/quantity`. */
  readonly pointer: string;
  readonly detail: string;
}

/**
 * The routes as functions: what a kernel offers, and a service mounts. All throw what says `retryable: true` where Postgres
 * or the registry is away, or somebody else acts upon the same key: nothing has happened then.
 */
export interface Operator {
  parking(): Promise<Parking>;
  parked(query: ParkedQuery): Promise<ParkedPage>;
  /** Undefined: not parked here, nor lately. */
  detail(message: MessageId): Promise<ParkedDetail | undefined>;
  try(request: TryRequest): Promise<TryAnswer | { readonly invalid: readonly InvalidField[] }>;
  redrive(request: RedriveRequest): Promise<RedriveAnswer>;
  discard(request: ActRequest): Promise<RedriveAnswer>;
  edit(
    request: EditRequest,
  ): Promise<
    | { readonly detail: ParkedDetail }
    | { readonly refusal: Refusal }
    | { readonly invalid: readonly InvalidField[] }
  >;
  log(query: LogQuery): Promise<LogPage>;
}
