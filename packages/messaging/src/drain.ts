import type { TopicName, Verdict } from '@skald/contracts';
import { type Batch, type BatchOptions, createBatches, gapBefore, notSaved, type Saved } from './batch.ts';
import { type Connection, inTransaction, type Queryable } from './database.ts';
import { addDeadLetter, addResolution, type Resolution } from './dead-letter.ts';
import { sequenceOf } from './envelope.ts';
import { type MessagingError, TransientError } from './errors.ts';
import type { ConsumedRecord } from './log-client.ts';
import { type Act, writeLog } from './operator-log.ts';
import { edit, fail, findOpen, type ParkedRecord, readQueue, resolve } from './parking.ts';
import {
  isUnsaveable,
  MAX_TAKEN,
  openQueue,
  type ParkedKey,
  type Progress,
  type Queue,
  type TakeInOptions,
  TIMEOUTS,
  takeIn,
} from './queue.ts';
import { verdictOf } from './verdict.ts';

export interface TakeOptions extends TakeInOptions {
  /** Who asked for it, for the audit log; nobody, where what was begun before is finished. */
  readonly act?: Act | undefined;
}

export interface DrainReport extends Saved {
  /** Nothing of the key in its topic is open any more. */
  readonly drained: boolean;
  /** All that this transaction took was taken in, and there is more. */
  readonly hasMore: boolean;
  readonly taken: number;
  readonly verdicts: readonly Verdict[];
}

/**
 * What can be done with a parked key, each in a transaction of its own. Drainer and consumer lock the same row of the
 * inbox, so what comes meanwhile either waits in the queue, or comes behind it. All throw TransientError where Postgres
 * or the registry is away, or a lock isn't had in time: nothing has happened then.
 */
export interface Drain {
  /** Takes in the key's messages, in order, up to the first that fails, or as many as one transaction takes. */
  take(connection: Connection, key: ParkedKey, options?: TakeOptions): Promise<DrainReport>;
  /** The message acted upon is over; others of its key wait no longer for it. */
  discard(connection: Connection, key: ParkedKey, act: Act): Promise<Saved>;
  /** Replaces its value. */
  edit(connection: Connection, key: ParkedKey, value: Buffer, act: Act): Promise<Saved>;
}

export function createDrain<World, Change>(options: BatchOptions<World, Change>): Drain {
  const { service } = options;
  const batches = createBatches(options);
  const { packer } = batches;

  /** Behind the locks: nobody has acted upon it meanwhile. Answers whether nothing has come behind it either. */
  const assertUnchanged = async (tx: Queryable, key: ParkedKey, { rows }: Queue, limit: number) => {
    const now = await readQueue(tx, key, limit);
    const isSame = (row: ParkedRecord, index: number) =>
      row.id === now[index]?.id && row.attempts === now[index].attempts && row.edited === now[index].edited;
    if (!rows.every(isSame)) throw changed();
    return now.length === rows.length && now.length < limit;
  };

  const unpark = (batch: Batch<World>, { topic, key }: ParkedKey) => {
    if (key !== '') batches.entryOf(batch, key).unpark(batches.ordinalOf(topic));
  };

  /**
   * The next of its key follows on what is given up. What isn't the next itself leaves no place to follow on; and without
   * a key nothing follows on anything.
   */
  const passOver = (batch: Batch<World>, { topic, key }: ParkedKey, record: ConsumedRecord) => {
    const ordinal = batches.ordinalOf(topic);
    const entry = batches.entryOf(batch, key);
    const sequence = sequenceOf(record) ?? 0;
    if (key === '' || sequence <= entry.applied(ordinal)) return;
    if (gapBefore(topic as TopicName, sequence, entry.applied(ordinal)) === undefined)
      entry.setApplied(ordinal, sequence);
  };

  const failAgain = async (tx: Queryable, row: ParkedRecord, error: MessagingError, now: number) => {
    await fail(tx, row.id, error);
    const firstFailedAt = row.firstFailedAt ?? now;
    addDeadLetter(packer, service, { record: row.record, error, attempts: row.attempts + 1, firstFailedAt });
  };

  /** Writes what has come of the messages themselves. */
  const settle = async (
    tx: Queryable,
    { context }: Batch<World>,
    { taken, failed }: Progress,
    act: Act | undefined,
  ) => {
    const { by, reason } = act ?? nobody;
    if (taken.length > 0)
      await resolve(
        tx,
        taken.map(({ id }) => id),
        'redriven',
      );
    for (const { record, hasFailed } of taken) {
      if (hasFailed)
        addResolution(packer, service, { record, resolution: 'redriven', by, reason, time: context.now });
    }
    if (failed !== undefined) await failAgain(tx, failed.row, failed.error, context.now);
  };

  const takeSome = async (
    connection: Connection,
    key: ParkedKey,
    { act, ...how }: TakeOptions,
    limit: number,
  ): Promise<DrainReport> => {
    const queue = await openQueue(connection, options, key, limit);
    const report = await inTransaction(connection, async (tx) => {
      void tx.query(TIMEOUTS);
      const batch =
        queue.items.length > 0 ? await batches.open(tx, queue.items) : await batches.openKeys(tx, [key.key]);
      const isAll = await assertUnchanged(tx, key, queue, limit);
      const progress = takeIn(batches, batch, key, queue, how);
      const drained = progress.isWhole && isAll;
      const { taken, failed, verdicts } = progress;
      await settle(tx, batch, progress, act);
      if (drained) unpark(batch, key);
      if (act !== undefined) {
        const outcome = failed?.error.code ?? (drained ? 'drained' : 'there is more');
        await writeLog(tx, act, key.key, `${taken.length} taken in; ${outcome}`);
      }
      const saved = await batches.save(tx, batch);
      const hasMore = progress.isWhole && !isAll;
      return async () => ({ ...(await saved()), drained, hasMore, taken: taken.length, verdicts });
    });
    return report();
  };

  /** The first message of the key can't be saved. */
  const failFirst = async (
    connection: Connection,
    key: ParkedKey,
    error: MessagingError,
    act: Act | undefined,
  ): Promise<DrainReport> => {
    const queue = await openQueue(connection, options, key, 1);
    const [row] = queue.rows;
    const [item] = queue.items;
    if (row === undefined || item === undefined) throw changed();
    const report = await inTransaction(connection, async (tx) => {
      void tx.query(TIMEOUTS);
      const batch = await batches.openKeys(tx, [key.key]);
      await assertUnchanged(tx, key, queue, 1);
      await failAgain(tx, row, error, batch.context.now);
      if (act !== undefined) await writeLog(tx, act, key.key, `0 taken in; ${error.code}`);
      return batches.save(tx, batch);
    });
    const verdicts = [verdictOf(item, { outcome: 'poison', error })];
    return { ...(await report()), drained: false, hasMore: false, taken: 0, verdicts };
  };

  /** Does something to one message, behind the lock of its key, and writes down what it was and whose doing. */
  const actUpon = async (
    connection: Connection,
    key: ParkedKey,
    act: Act,
    work: (
      tx: Queryable,
      batch: Batch<World>,
      record: ConsumedRecord,
    ) => Promise<Pick<Resolution, 'resolution' | 'record'> & { says: string }>,
  ): Promise<Saved> => {
    const report = await inTransaction(connection, async (tx) => {
      void tx.query(TIMEOUTS);
      const batch = await batches.openKeys(tx, [key.key]);
      const row = await findOpen(tx, key.id);
      if (row === undefined) throw changed();
      const { says, ...what } = await work(tx, batch, row.record);
      addResolution(packer, service, { ...what, by: act.by, reason: act.reason, time: batch.context.now });
      await writeLog(tx, act, key.key, says);
      return batches.save(tx, batch);
    });
    return report();
  };

  return {
    async take(connection, key, how = {}) {
      try {
        return await takeSome(connection, key, how, MAX_TAKEN);
      } catch (error) {
        if (!isUnsaveable(error)) throw error;
      }
      // Something in it can't be saved: one by one, until it is found.
      try {
        return await takeSome(connection, key, how, 1);
      } catch (error) {
        if (!isUnsaveable(error)) throw error;
        return await failFirst(connection, key, notSaved(error), how.act);
      }
    },

    discard: (connection, key, act) =>
      actUpon(connection, key, act, async (tx, batch, record) => {
        passOver(batch, key, record);
        await resolve(tx, [key.id], 'discarded');
        if ((await readQueue(tx, key, 1)).length === 0) unpark(batch, key);
        return { resolution: 'discarded', record, says: 'discarded' };
      }),

    edit: (connection, key, value, act) =>
      actUpon(connection, key, act, async (tx, _batch, record) => {
        await edit(tx, key.id, value);
        const says = `a new value of ${value.length} bytes`;
        return { resolution: 'edited', record: { ...record, value }, says };
      }),
  };
}

const nobody = { by: 'skald', reason: 'finishes what was begun' };

const changed = () => new TransientError('PARKING_CHANGED', 'somebody else has acted upon this key');
