import { setMaxListeners } from 'node:events';
import { eventsOf, type TopicName } from '@skald/contracts';
import type { Logger } from 'pino';
import { backoffMs, pause } from './backoff.ts';
import type { Codec } from './codec.ts';
import { TransientError } from './errors.ts';
import { createFirstBatch } from './first-batch.ts';
import { createGuiltyItem, createMessageItem, type Item, type MessageItem } from './item.ts';
import {
  type ConsumedRecord,
  type LogAdmin,
  type LogClient,
  type LogConsumer,
  partitionName,
  type RecordBatch,
  type TopicPartition,
} from './log-client.ts';
import { unlessAborted, within } from './patience.ts';
import { createPositions, isReadTo } from './positions.ts';
import type { Progress } from './progress.ts';
import type { Reactor } from './reactor.ts';
import { time } from './time.ts';

export interface ConsumerOptions {
  readonly client: LogClient;
  readonly group: string;
  readonly topics: readonly TopicName[];
  readonly reactor: Pick<Reactor<never, never>, 'unread' | 'lingering'>;
  readonly codec: Codec;
  readonly logger: Logger;
  /** Where items go; how many wait there, and what holds them up. */
  readonly loop: {
    add(items: readonly Item[]): void;
    readonly waiting: number;
    readonly turn: Promise<void> | undefined;
    readonly heldUpBy: string | undefined;
  };
  readonly progress: Progress;
  /** Fetching waits while more than this wait. Default 4000. */
  readonly maxWaiting?: number;
  /** Between two looks at the progress, ms. Default 20,000. */
  readonly watchMs?: number;
  onLag(topic: string, partition: number, lag: number): void;
  /** It makes no progress though there is something to read: the process must end. */
  onWedged(error: Error): void;
}

export interface ConsumerStatus {
  readonly state: 'starting' | 'running' | 'waiting' | 'halted' | 'stopped';
  readonly waitingFor?: string | undefined;
}

export interface Consumer {
  start(): void;
  status(): ConsumerStatus;
  /** See `Kernel`. */
  hasReadToEnd(topic: TopicName): Promise<boolean>;
  /** Reads nothing more of these partitions, and goes on with all others. */
  hold(partitions: readonly TopicPartition[]): void;
  /** Leaves the group for good, as nothing is taken in any more: its partitions go to others. */
  halt(): void;
  /** Stops fetching; what has been handed on is still committed by `stop`. */
  pause(): void;
  /** Commits what is done, and leaves the group. */
  stop(): Promise<void>;
}

/** Between two fetches that bring only what lingers, ms: what doesn't may have to wait for it. */
const GATHER_MS = 30;
/** The same where nothing else can come, ms: shorter than the loop lets it linger, as it waits for both. */
const PATIENT_GATHER_MS = 100;
const COMMIT_MS = 1_000;
/** Looks without progress until a consumer counts as wedged. */
const WEDGED_AFTER = 3;
const HEARTBEAT_MS = 500;
const CLOSE_MS = 1_000;

/** Hands what it fetches on without waiting for it, and commits, once a second, what is done. */
export function createConsumer(options: ConsumerOptions): Consumer {
  const { client, group, topics, codec, loop, logger, maxWaiting = 4_000, watchMs = 20_000 } = options;
  const stopping = new AbortController();
  const halting = new AbortController();
  // One for each partition that waits.
  setMaxListeners(0, stopping.signal);
  const isPatient = topics
    .flatMap(eventsOf)
    .every((event) => options.reactor.lingering?.includes(event) || options.reactor.unread?.[event]);
  const gatherMs = isPatient ? PATIENT_GATHER_MS : GATHER_MS;
  let running: Promise<void> | undefined;
  let consumer: LogConsumer | undefined;
  let admin: Promise<LogAdmin> | undefined;
  let status: ConsumerStatus = { state: 'starting' };
  let positions = createPositions([], options.onLag);
  /** Rises with each assignment: what was fetched before it is not ours to commit. */
  let generation = 0;
  /** Records that were handed on, and aren't done. */
  let inHand = 0;
  let held: readonly TopicPartition[] = [];
  /** The next heartbeat while batches wait, or the end of their wait. */
  let moment: Promise<void> | undefined;

  const waitingFor = (what: string) => {
    if (halting.signal.aborted) return;
    status = { state: 'waiting', waitingFor: what };
  };
  const waitingForLoop = () => {
    if (loop.heldUpBy !== undefined) waitingFor(loop.heldUpBy);
  };

  /** Whether this assignment still is ours. */
  const assignment = () => {
    const started = generation;
    return () => generation === started && !stopping.signal.aborted && !halting.signal.aborted;
  };

  /** A wait is over. */
  const goOn = (isCurrent: () => boolean) => {
    if (status.state === 'waiting' && isCurrent()) status = { state: 'running' };
  };

  /** Until every schema that the records name has been looked up, and the loop has room. */
  const ready = async (batch: RecordBatch, heartbeat: () => Promise<void>) => {
    const isCurrent = assignment();
    for (let attempt = 1; isCurrent(); attempt += 1) {
      const unknown = new Set<number>();
      for (const { value } of batch.records) {
        const id = codec.schemaId(value);
        if (id !== undefined && !codec.isKnown(id)) unknown.add(id);
      }
      if (unknown.size === 0 && loop.waiting <= maxWaiting) break;
      try {
        if (unknown.size > 0) await codec.learn(unknown);
        if (loop.waiting > maxWaiting) {
          waitingForLoop();
          await pause(5, stopping.signal);
        }
        attempt = 0;
      } catch (error) {
        if (!(error instanceof TransientError)) throw error;
        waitingFor('the schema registry');
        logger.warn({ err: error, attempt }, 'waiting for the schema registry');
        await pause(Math.min(backoffMs(attempt), HEARTBEAT_MS), stopping.signal);
      }
      await heartbeat();
    }
    goOn(isCurrent);
    return isCurrent();
  };

  /**
   * One fetch for each transaction, as both cost the same for one record and for twenty: until the one that takes in what
   * was handed on is done, or, where that lingers, until more may have come.
   */
  const untilTaken = async (heartbeat: () => Promise<void>) => {
    const isCurrent = assignment();
    // Once the fetch's other partitions have been handed on: one of them may bring what doesn't linger.
    await time.nextTurn();
    const { turn } = loop;
    if (turn === undefined) return pause(gatherMs, stopping.signal);
    let hasEnded = false;
    const ended = turn.then(() => {
      hasEnded = true;
    });
    while (!hasEnded && isCurrent()) {
      waitingForLoop();
      // One timer for all batches of a fetch.
      moment ??= Promise.race([ended, pause(HEARTBEAT_MS, stopping.signal)]).finally(() => {
        moment = undefined;
      });
      await moment;
      await heartbeat();
    }
    goOn(isCurrent);
  };

  const read = (record: ConsumedRecord, done: () => void) =>
    createMessageItem(record, codec, options.reactor, done);

  /** Resolves when all records are done. */
  const handOn = (batch: RecordBatch, toItem: (record: ConsumedRecord, done: () => void) => MessageItem) =>
    new Promise<void>((resolve) => {
      const { records } = batch;
      const pass = positions.handOn(batch, records.length);
      let left = records.length;
      inHand += left;
      const done = () => {
        pass();
        inHand -= 1;
        left -= 1;
        if (left === 0) resolve();
      };
      loop.add(records.map((record) => toItem(record, done)));
    });

  const first = createFirstBatch({
    progress: options.progress,
    logger,
    handOn: (batch) => handOn(batch, read),
    handOnAlone: (batch, isGuilty) =>
      handOn(batch, (record, done) =>
        isGuilty ? createGuiltyItem(record, done) : { ...read(record, done), lingers: false },
      ),
    skip: (batch) => positions.skip(batch),
    inHand: () => inHand,
    commit: () => commit(),
    onWaiting: waitingFor,
  });

  const takeFirst = async (batch: RecordBatch, heartbeat: () => Promise<void>) => {
    const isCurrent = assignment();
    const isTaken = await first.take(batch, {
      isCurrent,
      async heartbeat() {
        waitingForLoop();
        await heartbeat();
      },
    });
    goOn(isCurrent);
    return isTaken;
  };

  const isHeld = ({ topic, partition }: TopicPartition) =>
    held.some((other) => other.topic === topic && other.partition === partition);

  const onRecords = async (batch: RecordBatch, heartbeat: () => Promise<void>) => {
    // It was on its way when its partition was paused: it is fetched again.
    if (isHeld(batch)) return false;
    // If the assignment has changed, whoever reads this partition now starts at what is committed.
    if (!positions.has(batch) || !(await ready(batch, heartbeat))) return false;
    if (batch.records.length > 0 && !first.isBehind(batch)) return takeFirst(batch, heartbeat);
    const wait = { isCurrent: assignment(), heartbeat };
    while (first.isCareful) if (!(await first.calm(wait))) return false;
    void handOn(batch, read);
    await untilTaken(heartbeat);
    return true;
  };

  const onAssigned = (partitions: readonly TopicPartition[]) => {
    generation += 1;
    positions = createPositions(partitions, options.onLag);
    status = { state: 'running' };
    logger.info({ partitions: partitions.length }, 'partitions assigned');
    void learnCommitted(generation);
  };

  const withAdmin = async <Result>(use: (admin: LogAdmin) => Promise<Result>): Promise<Result> => {
    if (stopping.signal.aborted) throw new TransientError('STOPPING', 'the consumer is stopping');
    admin ??= client.admin();
    const current = admin;
    try {
      return await use(await current);
    } catch (error) {
      if (admin === current) await closeAdmin();
      throw error;
    }
  };

  const closeAdmin = async () => {
    const old = admin;
    admin = undefined;
    await old?.then((current) => current.close()).catch(nothing);
  };

  const learnCommitted = async (of: number) => {
    for (let attempt = 1; generation === of && !stopping.signal.aborted; attempt += 1) {
      try {
        const committed = await withAdmin((current) => current.committedOffsets(group, topics));
        if (generation === of) positions.learn(committed);
        return;
      } catch (error) {
        logger.debug({ err: error }, 'offsets could not be looked up');
        await pause(backoffMs(attempt), stopping.signal);
      }
    }
  };

  const commit = async () => {
    const current = positions;
    const due = current.due();
    if (due.length === 0) return;
    if (consumer === undefined) throw new TransientError('NOT_CONNECTED', 'Kafka is away');
    await consumer.commit(due);
    current.committed(due);
  };

  const keepCommitting = async () => {
    while (!stopping.signal.aborted) {
      await pause(COMMIT_MS, stopping.signal);
      if (stopping.signal.aborted) return;
      // What isn't committed is read again, and known by its sequence.
      await commit().catch((error: unknown) => logger.debug({ err: error }, 'offsets not committed'));
    }
  };

  /** A consumer that lags, is held up by nothing, and still doesn't move has lost its way. */
  const watch = async () => {
    let standstill = 0;
    let before = '';
    while (!stopping.signal.aborted) {
      await pause(watchMs, stopping.signal);
      if (stopping.signal.aborted) return;
      if (status.state !== 'running' || loop.heldUpBy !== undefined) {
        standstill = 0;
        continue;
      }
      const ends = await withAdmin((current) => current.endOffsets(topics)).catch(() => []);
      const now = positions.fingerprint();
      const lagging = positions.lagging(ends).filter((partition) => !isHeld(partition));
      standstill = lagging.length > 0 && now === before ? standstill + 1 : 0;
      before = now;
      if (standstill < WEDGED_AFTER) continue;
      const where = lagging.map(partitionName).join(', ');
      options.onWedged(new Error(`the consumer makes no progress in ${where}`));
      return;
    }
  };

  const run = async () => {
    for (let attempt = 1; !stopping.signal.aborted; attempt += 1) {
      let onEnded: (error: Error) => void = nothing;
      const ended = new Promise<Error>((resolve) => {
        onEnded = resolve;
      });
      const starting = client.consume({
        group,
        topics,
        handler: { onRecords, onSkipped: (batch) => positions.skip(batch), onAssigned, onEnded },
      });
      try {
        consumer = await unlessAborted(starting, stopping.signal);
        if (held.length > 0) consumer.hold(held);
        const error = await unlessAborted(unlessAborted(ended, stopping.signal), halting.signal);
        if (status.state === 'running') attempt = 1;
        throw error;
      } catch (error) {
        if (stopping.signal.aborted) {
          // One that has only just begun to connect is closed when it has.
          if (consumer === undefined) starting.then((late) => late.close()).catch(nothing);
          return;
        }
        if (halting.signal.aborted) {
          await within(CLOSE_MS, commit());
          await consumer?.close();
          consumer = undefined;
          return;
        }
        waitingFor('Kafka');
        logger.warn({ err: error, attempt }, 'waiting for Kafka');
        await consumer?.close();
        consumer = undefined;
        await pause(backoffMs(attempt, { initialMs: 200, maximumMs: 3_000 }), stopping.signal);
      }
    }
  };

  return {
    start() {
      running ??= run();
      void keepCommitting();
      void watch();
    },
    status: () => status,
    async hasReadToEnd(topic) {
      const ends = await withAdmin((current) => current.endOffsets([topic]));
      const committed = await withAdmin((current) => current.committedOffsets(group, [topic]));
      const read = new Map(committed.map(({ partition, offset }) => [partition, offset]));
      return ends.every(({ partition, offset }) => isReadTo(topic, read.get(partition) ?? -1, offset));
    },
    hold(partitions) {
      held = partitions;
      consumer?.hold(partitions);
    },
    halt() {
      status = { state: 'halted' };
      halting.abort();
    },
    pause() {
      stopping.abort();
      consumer?.pause();
    },
    async stop() {
      stopping.abort();
      await running;
      // Kafka may be away: then it is read again, and known by its sequence.
      await within(CLOSE_MS, Promise.all([commit(), options.progress.release()]));
      status = { state: 'stopped' };
      await Promise.all([consumer?.close(), within(CLOSE_MS, closeAdmin())]);
    },
  };
}

const nothing = () => undefined;
