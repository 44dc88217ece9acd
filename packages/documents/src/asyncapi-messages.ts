import { deadLetterHeaders, schemaOf, subjectOf, type Topic } from '@skald/contracts';
import { deadLetterProperties, resolutionProperties } from './event-headers.ts';

/** Part of a document in JSON. */
export type Json = Readonly<Record<string, unknown>>;

export const AVRO = 'application/vnd.apache.avro;version=1.9.0';
export const KAFKA_BINDING = '0.5.0';

const keys: Readonly<Record<Topic['key'], Json>> = {
  orderId: { type: 'string', format: 'uuid', description: 'The order: its events keep their order' },
  sku: { type: 'string', description: 'The stock keeping unit: its events keep their order' },
};

/** Every event of a topic: name → message. */
export const messagesOf = (topic: Topic): Json =>
  Object.fromEntries(topic.events.map((event) => [event, messageOf(event, topic)]));

function messageOf(event: Topic['events'][number], topic: Topic): Json {
  const schema = schemaOf(event);
  return {
    name: event,
    title: event,
    summary: schema.doc,
    ...(topic.personalData && {
      description: 'Holds personal data: its topic forgets, and nothing of it belongs into a log.',
    }),
    contentType: 'application/avro',
    tags: [{ name: topic.writer }],
    correlationId: { location: '$message.header#/ce_correlationid' },
    headers: {
      allOf: [
        { $ref: '#/components/schemas/EventHeaders' },
        {
          type: 'object',
          properties: { ce_type: { const: event }, ce_source: { const: `/skald/${topic.writer}` } },
        },
      ],
    },
    payload: { schemaFormat: AVRO, schema },
    bindings: {
      kafka: {
        key: keys[topic.key],
        schemaIdLocation: 'payload',
        // Confluent's wire format: a zero byte, the id in four bytes, Avro.
        schemaIdPayloadEncoding: 'confluent',
        schemaLookupStrategy: 'RecordNameStrategy',
        bindingVersion: KAFKA_BINDING,
      },
    },
    'x-subject': subjectOf(event),
  };
}

/** What a dead letter topic carries: the failed message, and what became of it. */
export const deadLetterMessages: Json = {
  DeadLetter: {
    name: 'DeadLetter',
    title: 'A dead letter',
    summary: 'Key and value byte for byte as they came, with all headers of the message, and why it failed',
    contentType: 'application/octet-stream',
    headers: headersOf(deadLetterProperties, ['errorStack']),
    payload: { description: 'The bytes that came: whether they can be read is not known' },
    bindings: { kafka: { key: { description: 'As it came' }, bindingVersion: KAFKA_BINDING } },
  },
  DeadLetterResolution: {
    name: 'DeadLetterResolution',
    title: 'What became of a dead letter',
    summary: 'It was redriven, discarded or edited. No value; of an edited one, the new value',
    contentType: 'application/octet-stream',
    headers: headersOf(resolutionProperties, []),
    payload: { description: 'Nothing, or the new value of an edited message' },
    bindings: { kafka: { key: { description: 'As it came' }, bindingVersion: KAFKA_BINDING } },
  },
};

/** A header in our own words → its name on the wire. */
function headersOf(
  properties: Partial<Record<keyof typeof deadLetterHeaders, object>>,
  optional: readonly string[],
): Json {
  const names: Readonly<Record<string, string>> = deadLetterHeaders;
  const wire = (word: string): string => names[word] ?? word;
  const words = Object.keys(properties);
  return {
    type: 'object',
    required: words.filter((word) => !optional.includes(word)).map(wire),
    properties: Object.fromEntries(Object.entries(properties).map(([word, schema]) => [wire(word), schema])),
  };
}
