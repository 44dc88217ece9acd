/** The headers of every event, as the kernel writes them: CloudEvents 1.0, Kafka protocol binding, binary mode. */
export const eventHeaders = {
  type: 'object',
  description: 'CloudEvents 1.0, Kafka protocol binding, binary mode. Each value is UTF-8 text',
  required: [
    'ce_specversion',
    'ce_id',
    'ce_type',
    'ce_source',
    'ce_time',
    'ce_sequence',
    'ce_correlationid',
    'ce_causationid',
    'content-type',
  ],
  properties: {
    ce_specversion: { type: 'string', const: '1.0', description: 'The version of CloudEvents' },
    ce_id: {
      type: 'string',
      format: 'uuid',
      description: 'The event, UUIDv7: the same however often it is delivered',
    },
    ce_type: { type: 'string', description: 'The event’s name' },
    ce_source: {
      type: 'string',
      pattern: '^/skald/[a-z-]+$',
      description: 'The service that wrote it: /skald/order',
    },
    ce_time: { type: 'string', format: 'date-time', description: 'When it was decided' },
    ce_sequence: {
      type: 'string',
      pattern: '^[1-9][0-9]{0,9}$',
      description:
        'The version of this key in this topic: 1, 2, 3 without a gap. Lower than, or equal to, the highest applied is a duplicate; a jump is parked',
    },
    ce_correlationid: {
      type: 'string',
      description:
        'The same for all that follows from one request: the X-Correlation-Id that it came with, or one of ours',
    },
    ce_causationid: {
      type: 'string',
      description: 'What this follows from: the id of an event, a command or an outcome',
    },
    'content-type': { type: 'string', const: 'application/avro', description: 'Of the value' },
    traceparent: {
      type: 'string',
      pattern: '^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$',
      description: 'W3C Trace Context: the trace that it belongs to, where there is one',
    },
  },
} as const;

const text = (description: string) => ({ type: 'string', description });
const wholeNumber = (description: string) => ({ type: 'string', pattern: '^[0-9]+$', description });
const time = (description: string) => ({ type: 'string', format: 'date-time', description });

/** Of both that a dead letter topic carries: which message it is about. */
const identity = {
  topic: text('The topic that the message was read from'),
  partition: wholeNumber('Its partition there'),
  offset: wholeNumber('Its offset there'),
  group: text('The consumer group that could not handle it'),
};

type Properties = Readonly<Record<string, object>>;

/** Beside all headers of the message itself. */
export const deadLetterProperties = {
  ...identity,
  timestamp: time('Of the record'),
  errorCode: text('Why: UNDECODABLE, SEQUENCE_GAP, HANDLER_FAILED …'),
  errorText: text('The same for people'),
  errorStack: text('Where, if our own handler threw'),
  attempts: wholeNumber('1, and one more for each redrive that failed'),
  firstFailure: time('When it failed first'),
} satisfies Properties;

/** What became of a dead letter travels behind it. */
export const resolutionProperties = {
  ...identity,
  resolution: { type: 'string', enum: ['redriven', 'discarded', 'edited'], description: 'What became of it' },
  by: text('Who did it'),
  reason: text('Why'),
  time: time('When'),
} satisfies Properties;
