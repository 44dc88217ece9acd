import { deadLetterTopics, topics } from '@skald/contracts';
import { channelOf, deadLetterChannelOf } from './asyncapi-channels.ts';
import { deadLetterMessages, type Json, messagesOf } from './asyncapi-messages.ts';
import { deadLetterOperationsOf, operationsOf } from './asyncapi-operations.ts';
import { eventHeaders } from './event-headers.ts';

const description = `Services that meet in Kafka topics alone: each event has one topic, each topic one writer, each reader a consumer group of its own.

Values are Avro in Confluent's wire format, headers CloudEvents. Delivery is at least once, in the order of each key: \`ce_sequence\` says which version of its key an event is, so that a duplicate is known for ever. What a group can't take in goes to \`<topic>.<group>.dlq\`.`;

/** The whole system as AsyncAPI 3.0: every topic of the catalogue, who writes and who reads it, and every schema. */
export function asyncApiDocument(): Json {
  const carriers = Object.values(topics);
  return {
    asyncapi: '3.0.0',
    info: { title: 'Skald', version: '1', description },
    defaultContentType: 'application/avro',
    servers: {
      kafka: {
        host: '{brokers}',
        protocol: 'kafka',
        description: 'Wherever KAFKA_BROKERS says',
        variables: { brokers: { default: '127.0.0.1:9092', description: 'host:port' } },
        bindings: { kafka: { schemaRegistryVendor: 'apicurio', bindingVersion: '0.5.0' } },
      },
    },
    channels: Object.fromEntries([
      ...carriers.map((topic) => [topic.name, channelOf(topic)]),
      ...deadLetterTopics.map((topic) => [topic.name, deadLetterChannelOf(topic)]),
    ]),
    operations: Object.fromEntries([
      ...carriers.flatMap(operationsOf),
      ...deadLetterTopics.flatMap(deadLetterOperationsOf),
    ]),
    components: {
      schemas: { EventHeaders: eventHeaders },
      messages: { ...Object.assign({}, ...carriers.map(messagesOf)), ...deadLetterMessages },
    },
  };
}
