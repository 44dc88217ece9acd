import type { Logger } from 'pino';
import { backoffMs, pause } from './backoff.ts';
import type { RecordToSend } from './entry.ts';
import { TransientError } from './errors.ts';
import type { LogClient, LogProducer } from './log-client.ts';
import { unlessAborted, within } from './patience.ts';
import type { Publisher } from './relay.ts';

const CLOSE_MS = 1_000;

export type RelayMode = 'idempotent' | 'transactional';

export interface PublisherOptions {
  readonly client: LogClient;
  /** Names the producer: a later publisher of the same service fences this one. */
  readonly service: string;
  readonly mode: RelayMode;
  readonly logger: Logger;
}

/**
 * One producer, replaced after each failure: then all records are sent again, in order. In transactional mode all
 * records of a call are one Kafka transaction: the events that one database transaction wrote to several topics appear
 * together. In either mode a zombie is fenced: what it sends late can't become a compacted topic's newest value.
 */
export function createPublisher({ client, service, mode, logger }: PublisherOptions): Publisher {
  let producer: Promise<LogProducer> | undefined;

  const send = async (records: readonly RecordToSend[]) => {
    producer ??= client.producer({ id: `${service}.outbox`, transactions: mode === 'transactional' });
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
