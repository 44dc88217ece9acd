import { type TopicName, topics } from '@skald/contracts';
import type { Logger } from 'pino';
import { backoffMs, pause } from './backoff.ts';
import type { LogRecord } from './entry.ts';
import { TransientError } from './errors.ts';
import type { LogClient, LogProducer } from './log-client.ts';
import { unlessAborted, within } from './patience.ts';
import type { Publisher } from './relay.ts';

const CLOSE_MS = 1_000;

export type RelayMode = 'idempotent' | 'transactional';

export interface PublisherOptions {
  readonly client: LogClient;
  /** Names the producer: a later publisher of the same service fences this one's transactions. */
  readonly service: string;
  readonly mode: RelayMode;
  readonly logger: Logger;
}

/**
 * In transactional mode all records of a call are one Kafka transaction: the events that one database transaction
 * wrote to several topics appear together. In idempotent mode only compacted topics are written that way, so that a
 * zombie's late duplicate can't become the newest value.
 */
export function createPublisher({ client, service, mode, logger }: PublisherOptions): Publisher {
  const fenced = createChannel(client, logger, `${service}.outbox`);
  if (mode === 'transactional') return fenced;
  const plain = createChannel(client, logger);
  return {
    async publish(records, signal) {
      const compacted = records.filter(isCompacted);
      if (compacted.length === 0) return plain.publish(records, signal);
      const others = records.filter((record) => !isCompacted(record));
      await Promise.all([
        fenced.publish(compacted, signal),
        others.length === 0 ? undefined : plain.publish(others, signal),
      ]);
    },
    async close() {
      await Promise.all([plain.close(), fenced.close()]);
    },
  };
}

const isCompacted = ({ topic }: LogRecord): boolean => topics[topic as TopicName]?.cleanup === 'compact';

/** One producer, replaced after each failure: then all records are sent again, in order. */
function createChannel(client: LogClient, logger: Logger, transactionalId?: string): Publisher {
  let producer: Promise<LogProducer> | undefined;

  const send = async (records: readonly LogRecord[]) => {
    producer ??= client.producer(transactionalId === undefined ? {} : { transactionalId });
    await (await producer).send(records);
  };

  const discard = async () => {
    const old = producer;
    producer = undefined;
    // One that is still connecting is closed when it has, without being waited for.
    if (old !== undefined)
      await within(
        CLOSE_MS,
        old.then((current) => current.close()),
      );
  };

  return {
    async publish(records, signal) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          await unlessAborted(send(records), signal);
          return;
        } catch (error) {
          await discard();
          if (signal.aborted) throw error;
          // Another relay has fenced this one: let its lease find out.
          if (isFenced(error)) throw error;
          logger.warn({ err: error, attempt, records: records.length }, 'waiting for Kafka to take events');
          await pause(backoffMs(attempt), signal);
        }
      }
    },
    close: discard,
  };
}

const isFenced = (error: unknown): boolean => error instanceof TransientError && error.code === 'FENCED';
