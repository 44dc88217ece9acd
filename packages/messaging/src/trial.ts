import type { Verdict } from '@skald/contracts';
import { type BatchOptions, createBatches, notSaved } from './batch.ts';
import { type Connection, inTransaction } from './database.ts';
import {
  isUnsaveable,
  MAX_TAKEN,
  openQueue,
  type ParkedKey,
  type Queue,
  type TakeInOptions,
  TIMEOUTS,
  takeIn,
} from './queue.ts';
import { untracedTracer } from './tracing.ts';
import { notReached, verdictOf } from './verdict.ts';

export interface TrialOptions extends TakeInOptions {
  /** As if the message acted upon held this. */
  readonly value?: Buffer | undefined;
}

/**
 * What taking in a parked key's messages would do: the service's own load, decide and save in a transaction that is
 * rolled back. Leaves no trace: nothing is published, no position drawn, no effect begun. Throws TransientError where
 * Postgres or the registry is away, or a lock isn't had in time.
 */
export type Trial = (
  connection: Connection,
  key: ParkedKey,
  options?: TrialOptions,
) => Promise<readonly Verdict[]>;

export function createTrial<World, Change>(options: BatchOptions<World, Change>): Trial {
  const batches = createBatches({ ...options, tracer: untracedTracer });

  /** The first so many. Throws where they can't be saved. */
  const tryFirst = async (
    connection: Connection,
    key: ParkedKey,
    { rows, items }: Queue,
    how: TakeInOptions,
    count: number,
  ): Promise<readonly Verdict[]> => {
    const queue = { rows: rows.slice(0, count), items: items.slice(0, count) };
    try {
      return await inTransaction(connection, async (tx) => {
        void tx.query(TIMEOUTS);
        const batch = await batches.open(tx, queue.items);
        const { verdicts } = takeIn(batches, batch, key, queue, how);
        batches.packer.reset();
        const saved = await batches.save(tx, batch);
        await saved();
        throw new RolledBack(verdicts);
      });
    } catch (error) {
      if (error instanceof RolledBack) return error.verdicts;
      throw error;
    }
  };

  return async (connection, key, { value, ...how } = {}) => {
    const queue = await openQueue(connection, options, key, MAX_TAKEN, value);
    const { items } = queue;
    let verdicts: readonly Verdict[] = [];
    let unsaveable = items.length + 1;
    let error: unknown;
    // All at once; where that can't be saved, by halves, up to the first that can't.
    for (let count = items.length; count > verdicts.length; count = (verdicts.length + unsaveable) >> 1) {
      try {
        verdicts = await tryFirst(connection, key, queue, how, count);
        if (hasFailed(verdicts)) break;
      } catch (reason) {
        if (!isUnsaveable(reason)) throw reason;
        unsaveable = count;
        error = reason;
      }
    }
    const item = items[verdicts.length];
    if (item !== undefined && verdicts.length + 1 === unsaveable && !hasFailed(verdicts))
      verdicts = [...verdicts, verdictOf(item, { outcome: 'poison', error: notSaved(error) })];
    return [...verdicts, ...items.slice(verdicts.length).map(notReached)];
  };
}

const hasFailed = (verdicts: readonly Verdict[]): boolean => verdicts.at(-1)?.verdict === 'fails';

/** How a transaction ends that is only tried. */
class RolledBack extends Error {
  readonly verdicts: readonly Verdict[];
  constructor(verdicts: readonly Verdict[]) {
    super('rolled back');
    this.verdicts = verdicts;
  }
}
