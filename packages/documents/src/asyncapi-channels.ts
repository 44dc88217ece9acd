import { type DeadLetterTopic, type Topic, topicConfig } from '@skald/contracts';
import { deadLetterMessages, type Json, KAFKA_BINDING } from './asyncapi-messages.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** A topic as a channel. */
export function channelOf(topic: Topic): Json {
  return {
    address: topic.name,
    title: topic.name,
    description: `${keptFor(topic)} Written by ${topic.writer} alone; the key is the ${topic.key}.${
      topic.personalData ? ' Holds personal data.' : ''
    }`,
    messages: references(topic.events),
    bindings: { kafka: kafkaChannel(topic.name, topic.partitions, topicConfig(topic)) },
    'x-writer': topic.writer,
  };
}

/** A dead letter topic as a channel. */
export function deadLetterChannelOf({ name, topic, writer, partitions, retentionMs }: DeadLetterTopic): Json {
  const config = { 'cleanup.policy': 'delete', 'retention.ms': String(retentionMs) };
  return {
    address: name,
    title: name,
    description: `What ${writer} could not take in of ${topic}, for ${days(retentionMs)}, and what became of it.`,
    messages: references(Object.keys(deadLetterMessages)),
    bindings: { kafka: kafkaChannel(name, partitions, config) },
    'x-writer': writer,
  };
}

/** For how long, in words. */
export function keptFor({ cleanup, retentionMs }: Pick<Topic, 'cleanup' | 'retentionMs'>): string {
  if (cleanup === 'kept') return 'Kept for ever: the event store.';
  const limit = retentionMs === undefined ? '' : days(retentionMs);
  if (cleanup === 'delete') return `Forgets after ${limit}.`;
  return `Compacted: the newest of each key stays${limit === '' ? '' : `, for ${limit}`}.`;
}

const days = (ms: number): string => `${ms / DAY_MS} ${ms === DAY_MS ? 'day' : 'days'}`;

const references = (messages: readonly string[]): Json =>
  Object.fromEntries(messages.map((name) => [name, { $ref: `#/components/messages/${name}` }]));

/** Kafka takes text, the binding lists and numbers. */
function kafkaChannel(topic: string, partitions: number, config: Readonly<Record<string, string>>): Json {
  const topicConfiguration = Object.fromEntries(
    Object.entries(config).map(([name, value]) => [
      name,
      name === 'cleanup.policy' ? value.split(',') : Number(value),
    ]),
  );
  return { topic, partitions, topicConfiguration, bindingVersion: KAFKA_BINDING };
}
