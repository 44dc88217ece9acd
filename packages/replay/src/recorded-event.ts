import type { TopicEvent } from '@skald/auditor';
import { type EventName, type Events, type TopicName, topics } from '@skald/contracts';

/** An event as it lies in its topic, with what a replay needs of its headers. */
export type RecordedEvent<Name extends EventName = EventName> = {
  readonly [N in Name]: {
    readonly name: N;
    readonly data: Events[N];
    readonly key: string;
    readonly topic: TopicName;
    readonly partition: number;
    readonly offset: number;
    /** When Kafka got it, epoch ms. */
    readonly timestamp: number;
    /** `ce_time`: when it was decided, epoch ms. */
    readonly time: number;
    /** `ce_id`. */
    readonly id: string;
    /** `ce_sequence`. */
    readonly sequence: number;
    readonly correlationId: string;
    /** Of the input that it follows from: an event's `ce_id`, or an id that nobody sees. */
    readonly causationId: string;
  };
}[Name];

/** All that the topics tell of one order. */
export interface OrderRecord {
  readonly orderId: string;
  /** By topic in order of sequence, each once. */
  readonly events: readonly RecordedEvent[];
}

/** What is read of a decoded record, or why it is no event of this house. */
export function readEvent(event: TopicEvent): RecordedEvent | { readonly flaw: string } {
  const { name, data, key, record, id, sequence, source } = event;
  const topic = topics[record.topic as TopicName];
  const time = Date.parse(record.headers['ce_time'] ?? '');
  if (!topic.events.includes(name)) return { flaw: `${name} is no event of ${record.topic}` };
  if (source !== `/skald/${topic.writer}`) return { flaw: `it is by ${source || 'nobody'}` };
  if (data[topic.key as keyof typeof data] !== key)
    return { flaw: `it is of another ${topic.key} than its key` };
  if (!Number.isInteger(sequence) || sequence < 1) return { flaw: 'it has no ce_sequence' };
  if (id === '' || Number.isNaN(time)) return { flaw: 'it has no ce_id or no ce_time' };
  const { partition, offset, timestamp } = record;
  // The decoder ties the name to the data; the compiler has forgotten that here.
  return {
    name,
    data,
    key,
    topic: topic.name,
    partition,
    offset,
    timestamp,
    time,
    id,
    sequence,
    correlationId: event.correlationId ?? id,
    causationId: event.causationId ?? id,
  } as RecordedEvent;
}

/** In order of sequence within each topic, what came twice once. */
export function createOrderRecord(orderId: string, events: readonly RecordedEvent[]): OrderRecord {
  const unique = new Map(events.map((event) => [`${event.topic} ${event.sequence}`, event] as const));
  const sorted = [...unique.values()].sort((a, b) => a.time - b.time || a.sequence - b.sequence);
  return { orderId, events: sorted };
}

/** Where it lies, as people write it. */
export const placeOf = ({
  topic,
  partition,
  offset,
}: Pick<RecordedEvent, 'topic' | 'partition' | 'offset'>) => `${topic}/${partition}@${offset}`;
