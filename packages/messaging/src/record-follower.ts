import type { Logger } from 'pino';
import { backoffMs, pause } from './backoff.ts';
import { TransientError } from './errors.ts';
import {
  type ConsumedRecord,
  type ConsumerHandler,
  type LogClient,
  type LogConsumer,
  type PartitionOffset,
  partitionName,
  type RecordBatch,
  type TopicPartition,
} from './log-client.ts';
import { unlessAborted, within } from './patience.ts';

export interface RecordFollowerOptions {
  readonly group: string;
  readonly topics: readonly string[];
  readonly logger: Logger;
  /**
   * Consecutive records of one partition; several partitions may be handed over at once. The offset is committed once it is
   * done, so after a crash records come again: it must know them. A TransientError is waited out and the same records
   * are handed over again; any other error ends the follower.
   */
  handle(records: readonly ConsumedRecord[]): Promise<void>;
  /**
   * Where to go on reading, where the handler keeps that itself, beside what it takes in; without it, what is committed
   * counts. Asked whenever partitions are assigned, and waited for: a TransientError is waited out.
   */
  positions?(partitions: readonly TopicPartition[]): Promise<readonly PartitionOffset[]>;
  /** What the handler waits for where it throws a TransientError, for people. Default: the database. */
  readonly into?: string;
  /** Between two looks at the progress, ms. Default 20,000. */
  readonly watchMs?: number;
}

export interface FollowerStatus {
  readonly state: 'starting' | 'running' | 'waiting' | 'stopped';
  readonly waitingFor?: string | undefined;
}

/** Reads topics as they are, record by record: no codec, no inbox, no keys to lock. */
export interface RecordFollower {
  start(): void;
  status(): FollowerStatus;
  /** By `topic/partition`: up to where it has read since it was assigned, whatever is passed over in the log included. */
  reached(): ReadonlyMap<string, number>;
  /** Rejects when the process must end: what `handle` threw, or a consumer that lags and doesn't move. Never resolves. */
  readonly failed: Promise<never>;
  /** Finishes the batches in hand, commits them, leaves the group. */
  stop(): Promise<void>;
}

/** Below the consumer's session timeout. */
const HEARTBEAT_MS = 500;
/** For the batches in hand, and for the farewell, ms. */
const STOP_MS = 3_000;
/** Looks without progress until it counts as wedged. */
const WEDGED_AFTER = 3;

export function createRecordFollower(client: LogClient, options: RecordFollowerOptions): RecordFollower {
  const { group, topics, logger, handle, into = 'the database' } = options;
  const stopping = new AbortController();
  const inHand = new Set<Promise<unknown>>();
  const progress = createProgress(client, group, topics);
  let consumer: LogConsumer | undefined;
  /** Of the last assignment: done once it is known where to go on reading. */
  let resuming: Promise<void> | undefined;
  /** By partition: where it is to be read on, until something was fetched from there. */
  const sought = new Map<string, number>();
  let status: FollowerStatus = { state: 'starting' };
  let running: Promise<void> | undefined;
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  failed.catch(() => undefined);
  let hasFailed = false;

  const waitingFor = (what: string) => {
    status = { state: 'waiting', waitingFor: what };
  };

  /** False: stopped before it was done. */
  const untilHandled = async (records: readonly ConsumedRecord[]): Promise<boolean> => {
    for (let attempt = 1; !stopping.signal.aborted; attempt += 1) {
      try {
        await handle(records);
        status = { state: 'running' };
        return true;
      } catch (error) {
        if (!(error instanceof TransientError)) {
          hasFailed = true;
          fail(error instanceof Error ? error : new Error(String(error)));
          await untilAborted(stopping.signal);
          return false;
        }
        waitingFor(into);
        logger.warn({ err: error, attempt }, 'records wait to be taken in');
        await pause(backoffMs(attempt), stopping.signal);
      }
    }
    return false;
  };

  /** Once it is known where the handler stands, all partitions that it names are read on from there. */
  const resume = async (
    partitions: readonly TopicPartition[],
    opened: Promise<LogConsumer>,
  ): Promise<void> => {
    for (let attempt = 1; !stopping.signal.aborted; attempt += 1) {
      try {
        const offsets = (await options.positions?.(partitions)) ?? [];
        (await opened).seek(offsets);
        sought.clear();
        for (const at of offsets) sought.set(partitionName(at), at.offset);
        status = { state: 'running' };
        return;
      } catch (error) {
        if (!(error instanceof TransientError)) throw error;
        waitingFor(into);
        logger.warn({ err: error, attempt }, 'where to go on reading is not known yet');
        await pause(backoffMs(attempt), stopping.signal);
      }
    }
  };

  /**
   * What was fetched before it was known where to go on isn't taken: it is fetched again, from there. Of a partition, one
   * batch at most was under way.
   */
  const isStale = async (batch: RecordBatch): Promise<boolean> => {
    for (let awaited: typeof resuming; awaited !== resuming; ) {
      awaited = resuming;
      await awaited;
    }
    if (stopping.signal.aborted) return true;
    const from = sought.get(partitionName(batch));
    sought.delete(partitionName(batch));
    return from !== undefined && from !== batch.fetchedFrom;
  };

  const takeIn = async (batch: RecordBatch): Promise<boolean> => {
    if (await isStale(batch)) return false;
    if (!(await untilHandled(batch.records))) return false;
    const { topic, partition, nextOffset: offset } = batch;
    progress.reached(batch);
    // What isn't committed is read again, and known.
    await consumer
      ?.commit([{ topic, partition, offset }])
      .catch((error: unknown) => logger.debug({ err: error }, 'offset not committed'));
    return true;
  };

  const onRecords: ConsumerHandler['onRecords'] = async (batch, heartbeat) => {
    const work = takeIn(batch);
    const settled = work.catch(() => undefined).finally(() => inHand.delete(settled));
    inHand.add(settled);
    let isDone = false;
    void settled.then(() => {
      isDone = true;
    });
    while (!isDone) {
      await Promise.race([settled, pause(HEARTBEAT_MS)]);
      await heartbeat();
    }
    return work;
  };

  const consumeOnce = async () => {
    let onEnded: (error: Error) => void = () => undefined;
    const ended = new Promise<Error>((resolve) => {
      onEnded = resolve;
    });
    let onOpened: (consumer: LogConsumer) => void = () => undefined;
    const opened = new Promise<LogConsumer>((resolve) => {
      onOpened = resolve;
    });
    const handler: ConsumerHandler = {
      onRecords,
      onSkipped(passed) {
        sought.delete(partitionName(passed));
        progress.reached(passed);
      },
      onAssigned(partitions) {
        status = { state: 'running' };
        if (options.positions !== undefined) {
          resuming = resume(partitions, opened);
          resuming.catch(fail);
        }
        progress.assigned(partitions);
        logger.info({ partitions: partitions.length }, 'partitions assigned');
      },
      onEnded,
    };
    const starting = client.consume({ group, topics, handler });
    starting.then(onOpened, () => undefined);
    try {
      consumer = await unlessAborted(starting, stopping.signal);
      throw await unlessAborted(ended, stopping.signal);
    } finally {
      // One that has only just begun to connect is closed when it has.
      if (consumer === undefined) starting.then((late) => late.close()).catch(() => undefined);
    }
  };

  const run = async () => {
    for (let attempt = 1; ; attempt += 1) {
      await consumeOnce().catch((error: unknown) => {
        if (stopping.signal.aborted) return;
        if (status.state === 'running') attempt = 1;
        waitingFor('Kafka');
        logger.warn({ err: error, attempt }, 'waiting for Kafka');
      });
      if (stopping.signal.aborted) return;
      await consumer?.close();
      consumer = undefined;
      await pause(backoffMs(attempt, { initialMs: 200, maximumMs: 3_000 }), stopping.signal);
      if (stopping.signal.aborted) return;
    }
  };

  /** A consumer that lags, waits for nothing, and still doesn't move has lost its way. */
  const watch = async () => {
    let standstill = 0;
    for (;;) {
      await pause(options.watchMs ?? 20_000, stopping.signal);
      if (stopping.signal.aborted) return;
      const lagging = status.state === 'running' ? await progress.lagging().catch(() => []) : [];
      standstill = lagging.length > 0 && !progress.hasMoved() ? standstill + 1 : 0;
      if (standstill < WEDGED_AFTER) continue;
      fail(new Error(`the follower makes no progress in ${lagging.join(', ')}`));
      return;
    }
  };

  return {
    failed,
    status: () => status,
    reached: () => progress.read(),
    start() {
      running ??= run();
      void watch();
    },
    async stop() {
      consumer?.pause();
      if (!hasFailed) await within(STOP_MS, Promise.all(inHand));
      stopping.abort();
      await running;
      status = { state: 'stopped' };
      await consumer?.close();
    },
  };
}

/** How far each partition of this member has been read. */
function createProgress(client: LogClient, group: string, topics: readonly string[]) {
  let read = new Map<string, number>();
  let own = new Set<string>();
  let moves = 0;
  let seen = 0;
  return {
    assigned(partitions: readonly TopicPartition[]) {
      own = new Set(partitions.map(partitionName));
      read = new Map();
      moves += 1;
    },
    reached(batch: Pick<RecordBatch, 'topic' | 'partition' | 'nextOffset'>) {
      read.set(partitionName(batch), batch.nextOffset);
      moves += 1;
    },
    read: (): ReadonlyMap<string, number> => read,
    /** Since it was asked last. */
    hasMoved() {
      const has = moves !== seen;
      seen = moves;
      return has;
    },
    /** Partitions that have more to read. */
    async lagging(): Promise<string[]> {
      const admin = await client.admin();
      try {
        const ends = await admin.endOffsets(topics);
        const committed = new Map(
          (await admin.committedOffsets(group, topics)).map((at) => [partitionName(at), at.offset]),
        );
        const readTo = (name: string) => Math.max(read.get(name) ?? 0, committed.get(name) ?? 0);
        return ends
          .filter((end) => own.has(partitionName(end)) && readTo(partitionName(end)) < end.offset)
          .map(partitionName);
      } finally {
        await admin.close();
      }
    },
  };
}

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
