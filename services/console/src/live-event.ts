import { type ServiceName, serviceNames, type TopicName, topics } from '@skald/contracts';
import type { ConsumedRecord } from '@skald/messaging';

/** An event as it lies in its topic, without what it says: that is asked for one by one. */
export interface LiveEvent {
  readonly topic: TopicName;
  readonly partition: number;
  readonly offset: number;
  /** The order's id. */
  readonly key: string;
  /** Its name, as the headers have it. */
  readonly event: string;
  /** Who said it. */
  readonly service: ServiceName;
  /** The version of its key in its topic. */
  readonly sequence: number | null;
  /** When it was decided, epoch ms. */
  readonly at: number;
  /** When it was written to the log, epoch ms. */
  readonly recordedAt: number;
  readonly id: string | null;
  readonly causationId: string | null;
  readonly traceId: string | null;
}

const isOfSaga = (writer: string): writer is ServiceName => serviceNames.some((name) => name === writer);

/** The topics that tell what happens to an order: those of the saga, and none that only repeats them. */
export const orderTopics: readonly TopicName[] = Object.values(topics)
  .filter(({ key, writer }) => key === 'orderId' && isOfSaga(writer))
  .map(({ name }) => name);

/** @returns undefined for a record of another topic, or without a key */
export function describeRecord(record: ConsumedRecord): LiveEvent | undefined {
  const topic = orderTopics.find((name) => name === record.topic);
  const writer = topic === undefined ? '' : topics[topic].writer;
  if (topic === undefined || record.key === null || !isOfSaga(writer)) return undefined;
  const header = (name: string): string | null =>
    record.headers[name]?.toString('utf8').slice(0, 200) ?? null;
  const sequence = Number(header('ce_sequence') ?? Number.NaN);
  const at = Date.parse(header('ce_time') ?? '');
  return {
    topic,
    partition: record.partition,
    offset: record.offset,
    key: record.key.toString('utf8').slice(0, 200),
    event: header('ce_type') ?? 'unknown',
    service: writer,
    sequence: Number.isSafeInteger(sequence) ? sequence : null,
    at: Number.isNaN(at) ? record.timestamp : at,
    recordedAt: record.timestamp,
    id: header('ce_id'),
    causationId: header('ce_causationid'),
    traceId: /^[\da-f]{2}-([\da-f]{32})-/.exec(header('traceparent') ?? '')?.[1] ?? null,
  };
}
