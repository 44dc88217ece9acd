import { createEventDecoder, createTopicReader, type TopicRecord, WitnessAway } from '@skald/auditor';
import { isOfSaga, type TopicName, topics } from '@skald/contracts';
import type { Log } from './config.ts';
import { type RecordedEvent, readEvent } from './recorded-event.ts';

/** What the saga says of orders. What a view of it has published is made of that, and made anew. */
const topicsOfSaga = Object.values(topics).filter(({ key, writer }) => key === 'orderId' && isOfSaga(writer));

/** The topics that tell of orders and of nobody's person: they are kept for ever. */
export const keptTopics: readonly TopicName[] = topicsOfSaga
  .filter(({ personalData }) => !personalData)
  .map(({ name }) => name);

/** All topics that an order appears in. */
export const orderTopics: readonly TopicName[] = topicsOfSaga.map(({ name }) => name);

/** What lies in a topic, and can't be folded. */
export interface Unreadable {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly flaw: string;
}

/** Kafka can't be asked, so nothing can be said. */
export class LogAway extends Error {}

export interface LogOptions {
  readonly ignoreSources: readonly string[];
  /** Called often. */
  onProgress(says: string): void;
}

export interface LogReader {
  /**
   * Every record from the first to where the topics end now: in order within a partition. What can't be read goes to
   * `refuse`. Only those whose key `wants` are decoded. Throws WitnessAway where Kafka or the registry is away.
   */
  stream(names: readonly TopicName[], take: Take): Promise<void>;
  close(): Promise<void>;
}

export interface Take {
  wants?(key: string): boolean;
  take(event: RecordedEvent): Promise<void> | void;
  refuse?(unreadable: Unreadable): void;
}

export function createLogReader(log: Log, { ignoreSources, onProgress }: LogOptions): LogReader {
  const reader = createTopicReader(log);
  const decode = createEventDecoder(log);
  const ignored = new Set(ignoreSources);

  const takeOne = async (record: TopicRecord, { take, refuse }: Take) => {
    const { topic, partition, offset, key } = record;
    const place = { topic, partition, offset, key: key?.toString('utf8') ?? '' };
    const event = await decode(record).catch((error: unknown) => {
      if (error instanceof WitnessAway) throw error;
      refuse?.({ ...place, flaw: error instanceof Error ? error.message : String(error) });
    });
    if (event === undefined) return;
    const read = readEvent(event);
    if ('flaw' in read) refuse?.({ ...place, flaw: read.flaw });
    else await take(read);
  };

  return {
    async stream(names, taking) {
      let records = 0;
      let failure: unknown;
      const takeAll = async (batch: readonly TopicRecord[]) => {
        records += batch.length;
        onProgress(`${records} records of ${names.length === 1 ? names[0] : `${names.length} topics`}`);
        for (const record of batch) {
          if (failure !== undefined) return;
          if (ignored.has(record.headers['ce_source'] ?? '')) continue;
          if (taking.wants?.(record.key?.toString('utf8') ?? '') === false) continue;
          // Kept for the end: the client would only read it again.
          await takeOne(record, taking).catch((error: unknown) => {
            failure = error;
          });
        }
      };
      await reader.stream(names, takeAll).catch((cause: unknown) => {
        throw new LogAway(`Kafka can't be asked: ${cause instanceof Error ? cause.message : String(cause)}`, {
          cause,
        });
      });
      if (failure !== undefined) throw failure;
    },
    close: () => reader.close().catch(() => undefined),
  };
}
