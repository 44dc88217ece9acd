import type { Verdict } from '@skald/contracts';
import type { Batch, Batches } from './batch.ts';
import type { Codec } from './codec.ts';
import type { Queryable } from './database.ts';
import { FatalError, type MessagingError, TransientError } from './errors.ts';
import { createMessageItem, type MessageItem } from './item.ts';
import { type ParkedRecord, readQueue } from './parking.ts';
import type { Reactor } from './reactor.ts';
import { verdictOf } from './verdict.ts';

/** A key that is parked in a topic; `id` is the row of the message that is acted upon. */
export interface ParkedKey {
  readonly topic: string;
  readonly key: string;
  readonly id: number;
}

/** What is open of a key, read, in the order in which it is to be taken in. */
export interface Queue {
  readonly rows: readonly ParkedRecord[];
  readonly items: readonly MessageItem[];
}

export interface TakeInOptions {
  /** The message acted upon may come though others before it are missing. */
  readonly acceptGap?: boolean;
  /** Stops at a message that has failed before: only those that waited are taken in. */
  readonly onlyWaiting?: boolean;
}

/** How far a queue was taken in. */
export interface Progress {
  readonly taken: readonly ParkedRecord[];
  readonly verdicts: readonly Verdict[];
  readonly failed?: { readonly row: ParkedRecord; readonly error: MessagingError };
  /** None was left. */
  readonly isWhole: boolean;
}

/** Messages of one transaction. */
export const MAX_TAKEN = 100;
/** Nobody waits longer for a lock, and no statement takes longer, ms: a consumer may wait behind it. */
export const TIMEOUTS = "SET LOCAL lock_timeout = '2s'; SET LOCAL statement_timeout = '5s'";

/**
 * Reads a queue: before its keys can be locked, it must be known which. `value`: as if the message acted upon held this.
 * Throws TransientError while the registry is away.
 */
export async function openQueue(
  db: Queryable,
  { codec, reactor }: { codec: Codec; reactor: Pick<Reactor<never, never>, 'unread' | 'lingering'> },
  key: ParkedKey,
  limit: number,
  value?: Buffer,
): Promise<Queue> {
  const found = await readQueue(db, key, limit);
  const rows = found.map((row) =>
    value !== undefined && row.id === key.id ? { ...row, record: { ...row.record, value } } : row,
  );
  const ids = rows.map(({ record }) => codec.schemaId(record.value));
  await codec.learn(ids.filter((id) => id !== undefined));
  const items = rows.map(({ record }) => createMessageItem(record, codec, reactor, () => undefined));
  return { rows, items };
}

/** Takes a queue's messages in, in order, up to the first that fails. */
export function takeIn<World, Change>(
  { judge }: Batches<World, Change>,
  batch: Batch<World>,
  key: ParkedKey,
  { rows, items }: Queue,
  { onlyWaiting = false, acceptGap = false }: TakeInOptions,
): Progress {
  const taken: ParkedRecord[] = [];
  const verdicts: Verdict[] = [];
  for (const [index, row] of rows.entries()) {
    const item = items[index];
    if (item === undefined || (onlyWaiting && row.hasFailed)) return { taken, verdicts, isWhole: false };
    const judgement = judge(batch, item, { acceptGap: acceptGap && row.id === key.id });
    verdicts.push(verdictOf(item, judgement));
    if (judgement.outcome === 'poison')
      return { taken, verdicts, failed: { row, error: judgement.error }, isWhole: false };
    taken.push(row);
  }
  return { taken, verdicts, isWhole: true };
}

/** Not an outage, and not our own fault: something in the transaction. */
export const isUnsaveable = (error: unknown): boolean =>
  !(error instanceof TransientError) && !(error instanceof FatalError);
