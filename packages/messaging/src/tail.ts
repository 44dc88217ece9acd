import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { backoffMs, pause } from './backoff.ts';
import { createKafkaClient, type KafkaSettings } from './kafkajs-client.ts';
import type { ConsumedRecord, LogClient, LogConsumer } from './log-client.ts';
import { unlessAborted } from './patience.ts';

export interface TailOptions {
  /** Told from their end on, as they grow. */
  readonly topics: readonly string[];
  /** Told from their beginning, and then as they grow: small ones, compacted. Told again after each gap. */
  readonly wholeTopics: readonly string[];
  readonly logger: Logger;
  /** Consecutive records of one partition. Must not throw; records that it takes its time for hold back the next ones. */
  onRecords(records: readonly ConsumedRecord[]): Promise<void>;
  /** What comes from now on follows on nothing: at the start, and each time that reading was interrupted. */
  onBegin(): void;
}

export interface TailStatus {
  readonly state: 'starting' | 'running' | 'waiting' | 'stopped';
}

/**
 * Watches topics, for people: every process for itself, in a group of its own that commits nothing, so it leaves nothing
 * behind. Nothing may depend on it: what was written while it could not read is passed over, and `onBegin` says so.
 */
export interface Tail {
  start(): void;
  status(): TailStatus;
  stop(): Promise<void>;
}

/** Below the consumer's session timeout, ms. */
const HEARTBEAT_MS = 500;

export function createTail(
  settings: KafkaSettings,
  options: TailOptions,
  client: LogClient = createKafkaClient(settings, options.logger),
): Tail {
  const { topics, wholeTopics, logger, onRecords, onBegin } = options;
  const stopping = new AbortController();
  let status: TailStatus = { state: 'starting' };
  let consumer: LogConsumer | undefined;
  let running: Promise<void> | undefined;

  const tailOnce = async () => {
    let onEnded: (error: Error) => void = () => undefined;
    const ended = new Promise<Error>((resolve) => {
      onEnded = resolve;
    });
    const starting = client.consume({
      group: `${settings.clientId}.tail.${randomUUID()}`,
      topics: wholeTopics,
      fromEnd: topics,
      handler: {
        async onRecords({ records }, heartbeat) {
          await beating(onRecords(records), heartbeat);
          return true;
        },
        onSkipped: () => undefined,
        onAssigned() {
          status = { state: 'running' };
          onBegin();
        },
        onEnded,
      },
    });
    try {
      consumer = await unlessAborted(starting, stopping.signal);
      throw await unlessAborted(ended, stopping.signal);
    } finally {
      // One that has only just begun to connect is closed when it has.
      if (consumer === undefined) starting.then((late) => late.close()).catch(() => undefined);
    }
  };

  const run = async () => {
    for (let attempt = 1; !stopping.signal.aborted; attempt += 1) {
      await tailOnce().catch((error: unknown) => {
        if (stopping.signal.aborted) return;
        if (status.state === 'running') attempt = 1;
        status = { state: 'waiting' };
        logger.warn({ err: error, attempt }, 'waiting for Kafka');
      });
      await consumer?.close();
      consumer = undefined;
      if (!stopping.signal.aborted)
        await pause(backoffMs(attempt, { initialMs: 200, maximumMs: 3_000 }), stopping.signal);
    }
  };

  return {
    start() {
      running ??= run();
    },
    status: () => status,
    async stop() {
      stopping.abort();
      await running;
      status = { state: 'stopped' };
    },
  };
}

async function beating(work: Promise<void>, heartbeat: () => Promise<void>): Promise<void> {
  let isDone = false;
  const settled = work.finally(() => {
    isDone = true;
  });
  while (!isDone) {
    await Promise.race([settled, pause(HEARTBEAT_MS)]);
    await heartbeat();
  }
  await settled;
}
