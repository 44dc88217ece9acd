import type { Logger } from 'pino';
import { backoffMs, pause } from './backoff.ts';
import { TransientError } from './errors.ts';
import { type ConsumedRecord, partitionName, type RecordBatch, type TopicPartition } from './log-client.ts';
import type { PartitionStart, Progress, Span } from './progress.ts';

/** Crashes before the first batch was committed until its messages are taken a few at a time. */
const CRASHES_TOGETHER = 2;
/** Messages that are taken at a time then: if it was kill -9, and not one of them, it is over soon. */
const FEW = 50;
/** Crashes in a row of which a message is found guilty that was in hand alone. */
const CRASHES_ALONE = 2;
const BEAT_MS = 500;
const LOOK_MS = 5;

/** The wait for one batch: who waits sends heartbeats, and gives up what isn't ours any more. */
export interface Wait {
  isCurrent(): boolean;
  heartbeat(): Promise<void>;
}

export interface FirstBatchOptions {
  readonly progress: Progress;
  readonly logger: Logger;
  /** Hands records on; resolves when all of them are done. */
  handOn(batch: RecordBatch): Promise<void>;
  /** Hands a few on that wait for no company; `isGuilty`: undecoded, to be parked. Resolves when they are done. */
  handOnAlone(batch: RecordBatch, isGuilty: boolean): Promise<void>;
  /** Behind what was handed on of the batch there is nothing. */
  skip(batch: RecordBatch): void;
  /** Records that were handed on and aren't done. */
  inHand(): number;
  commit(): Promise<void>;
  onWaiting(what: string): void;
}

export interface FirstBatch {
  /** Whether a batch of this partition was committed by this process: what kills it is no earlier message then. */
  isBehind(partition: TopicPartition): boolean;
  /** A few messages are in hand alone, or about to be: nothing else may be handed on. */
  readonly isCareful: boolean;
  /** Until none is. False: the batch isn't ours any more. */
  calm(wait: Wait): Promise<boolean>;
  /** Takes a partition's first batch, and commits it. False: it isn't ours any more. */
  take(batch: RecordBatch, wait: Wait): Promise<boolean>;
}

/**
 * A message may kill the process in a way that no handler can catch, and would do so again at every start. So each
 * process says that it begins a partition before it decodes anything of it, and again when the first batch is committed,
 * which the second waits for. If it died in between, twice in a row, the batch is taken a few messages at a time, marked
 * while they are the only ones in this process; if it dies then, those one by one. Who was alone at two more crashes in a
 * row is parked without being decoded.
 * docs/adr/0008-crash-quarantine.md
 */
export function createFirstBatch(options: FirstBatchOptions): FirstBatch {
  const { progress, logger } = options;
  const behind = new Set<string>();
  /** Batches whose messages are taken alone, one batch after the other. */
  let careful = 0;
  let turn: Promise<unknown> = Promise.resolve();

  /** Until the work is over, with heartbeats. False: given up. Throws what the work throws. */
  const until = async (work: Promise<unknown>, { isCurrent, heartbeat }: Wait): Promise<boolean> => {
    let isOver = false;
    const over = work.finally(() => {
      isOver = true;
    });
    over.catch(() => undefined);
    while (isCurrent()) {
      const giveUp = new AbortController();
      await Promise.race([over, pause(BEAT_MS, giveUp.signal)]).finally(() => giveUp.abort());
      if (isOver) return isCurrent();
      await heartbeat();
    }
    return false;
  };

  /** The answer, however long Postgres is away. Undefined: given up. */
  const waitOut = async <Result>(
    ask: () => Promise<Result>,
    wait: Wait,
  ): Promise<{ answer: Result } | undefined> => {
    for (let attempt = 1; wait.isCurrent(); attempt += 1) {
      try {
        const asked = ask();
        return (await until(asked, wait)) ? { answer: await asked } : undefined;
      } catch (error) {
        if (!(error instanceof TransientError)) throw error;
        options.onWaiting('Postgres');
        logger.warn({ err: error, attempt }, 'waiting for Postgres');
        await pause(Math.min(backoffMs(attempt), BEAT_MS));
        await wait.heartbeat();
      }
    }
    return undefined;
  };

  const isTrue = async (condition: () => boolean, { isCurrent, heartbeat }: Wait): Promise<boolean> => {
    while (isCurrent() && !condition()) {
      await pause(LOOK_MS);
      await heartbeat();
    }
    return isCurrent();
  };

  const calm = (wait: Wait) => isTrue(() => careful === 0, wait);

  const takeTogether = async (batch: RecordBatch, wait: Wait): Promise<boolean> => {
    while (careful > 0) if (!(await calm(wait))) return false;
    return until(options.handOn(batch), wait);
  };

  const takeAlone = async (
    batch: RecordBatch,
    { suspects }: PartitionStart,
    wait: Wait,
  ): Promise<boolean> => {
    const { topic, partition } = batch;
    const areIn = batch.records.some(({ offset }) => contains(suspects, offset));
    const guilty =
      suspects !== undefined && suspects.from === suspects.to && suspects.crashes >= CRASHES_ALONE
        ? suspects.from
        : undefined;
    for (const records of inSpans(batch.records, suspects)) {
      const span = spanOf(records);
      // What comes before the suspects was survived before: its mark must not replace theirs.
      const isMarked = !areIn || suspects === undefined || span.to >= suspects.from;
      const isGuilty = areIn && span.from === guilty;
      if (isGuilty) {
        const { from: offset } = span;
        logger.error({ topic, partition, offset }, 'a message that ends the process is parked undecoded');
      } else if (isMarked) {
        const marked = await waitOut(() => progress.takeAlone(batch, span), wait);
        if (marked?.answer !== true) return false;
      }
      const few = { ...batch, records, nextOffset: span.to + 1 };
      if (!(await until(options.handOnAlone(few, isGuilty), wait))) return false;
      if ((await waitOut(() => progress.letGo(batch), wait)) === undefined) return false;
      await commit();
    }
    options.skip(batch);
    return true;
  };

  /** One batch after the other, and nothing else in hand: what is alone must be the only one that can be guilty. */
  const takeInTurn = async (batch: RecordBatch, start: PartitionStart, wait: Wait): Promise<boolean> => {
    careful += 1;
    const before = turn;
    let end: () => void = () => undefined;
    const mine = new Promise<void>((resolve) => {
      end = resolve;
    });
    turn = Promise.all([before, mine]);
    try {
      if (!(await until(before, wait))) return false;
      const { topic, partition } = batch;
      logger.warn(
        { topic, partition, crashes: start.crashes },
        'begun without success: a few messages at a time',
      );
      return (await isTrue(() => options.inHand() === 0, wait)) && (await takeAlone(batch, start, wait));
    } finally {
      careful -= 1;
      end();
    }
  };

  const commit = () =>
    options.commit().then(
      () => true,
      (error: unknown) => {
        logger.debug({ err: error }, 'offsets not committed');
        return false;
      },
    );

  return {
    isBehind: (partition) => behind.has(partitionName(partition)),
    get isCareful() {
      return careful > 0;
    },
    calm,
    async take(batch, wait) {
      const offset = batch.records[0]?.offset ?? batch.nextOffset;
      const begun = await waitOut(() => progress.begin(batch, offset), wait);
      if (begun === undefined) return false;
      const isSuspicious = begun.answer.crashes >= CRASHES_TOGETHER;
      const isTaken = isSuspicious
        ? await takeInTurn(batch, begun.answer, wait)
        : await takeTogether(batch, wait);
      if (!isTaken) return false;
      // Not committed: the next batch counts as the first.
      if (await commit()) {
        const noted = await waitOut(() => progress.made(batch), wait);
        if (noted !== undefined) behind.add(partitionName(batch));
      }
      return true;
    },
  };
}

/** A few together, and each of the suspects alone. */
function inSpans(
  records: readonly ConsumedRecord[],
  suspects: Span | undefined,
): (readonly ConsumedRecord[])[] {
  const spans: ConsumedRecord[][] = [];
  let last: ConsumedRecord[] | undefined;
  for (const record of records) {
    if (contains(suspects, record.offset)) {
      spans.push([record]);
      last = undefined;
    } else if (last === undefined || last.length === FEW) {
      last = [record];
      spans.push(last);
    } else last.push(record);
  }
  return spans;
}

const spanOf = (records: readonly ConsumedRecord[]): Span => ({
  from: records[0]?.offset ?? 0,
  to: records.at(-1)?.offset ?? 0,
});

const contains = (span: Span | undefined, offset: number): boolean =>
  span !== undefined && offset >= span.from && offset <= span.to;
