import type { Queryable, Statement } from './database.ts';
import { TransientError } from './errors.ts';

// Most keys are known: those are locked, and only the others are inserted. A row that somebody else creates meanwhile
// is in neither answer: then what was loaded behind this statement was not locked, and all begins anew.
const LOCK_OR_CREATE: Statement = {
  name: 'inbox-lock-or-create',
  text: `WITH locked AS MATERIALIZED (
           SELECT key, applied, published, parked FROM messaging.inbox
           WHERE key = ANY ($1::text[]) ORDER BY key FOR UPDATE
         ), created AS (
           INSERT INTO messaging.inbox (key)
           SELECT key FROM unnest($1::text[]) AS wanted (key)
           WHERE NOT EXISTS (SELECT FROM locked WHERE locked.key = wanted.key) ORDER BY key
           ON CONFLICT (key) DO NOTHING RETURNING key, applied, published, parked
         )
         SELECT * FROM locked UNION ALL SELECT * FROM created`,
};
const SAVE: Statement = {
  name: 'inbox-save',
  text: `UPDATE messaging.inbox i
         SET applied = u.applied::int[], published = u.published::int[], parked = u.parked::int[]
         FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS u (key, applied, published, parked)
         WHERE i.key = u.key`,
};

/** A sparse vector by topic ordinal; its elements are null where nothing is known. */
type Vector = (number | null)[];

/** What is known of one key. Locked while it is held. */
export interface InboxEntry {
  /** Highest sequence applied of this key in a topic; 0 if none. */
  applied(ordinal: number): number;
  setApplied(ordinal: number, sequence: number): void;
  /** Draws the next sequence of this key in a topic that we write. */
  nextSequence(ordinal: number): number;
  isParked(ordinal: number): boolean;
  park(ordinal: number): void;
  unpark(ordinal: number): void;
}

export type LockedInbox = ReadonlyMap<string, InboxEntry> & { save(db: Queryable): void };

interface Row {
  key: string;
  applied: Vector;
  published: Vector;
  parked: number[];
}

/**
 * Locks the keys, in sorted order, creating the rows of those never seen: a lock on a row that doesn't exist locks
 * nothing. The entries are read and changed in memory; `save` writes those that changed.
 * Throws TransientError when another instance creates one of them at the same time: it is there the next time.
 */
export async function lockInbox(db: Queryable, keys: readonly string[]): Promise<LockedInbox> {
  const sorted = [...keys].sort();
  const rows = await db.query<Row>(LOCK_OR_CREATE, [sorted]);
  if (rows.length < sorted.length)
    throw new TransientError('KEY_CREATED', 'another instance has created a key meanwhile');
  const changed = new Set<Row>();
  const entries = new Map(rows.map((row) => [row.key, createEntry(row, () => changed.add(row))]));
  return Object.assign(entries, {
    save(tx: Queryable) {
      if (changed.size === 0) return;
      const all = [...changed];
      // Awaited with the transaction.
      void tx.query(SAVE, [
        all.map((row) => row.key),
        all.map((row) => toArray(row.applied)),
        all.map((row) => toArray(row.published)),
        all.map((row) => toArray(row.parked)),
      ]);
    },
  });
}

function createEntry(row: Row, touch: () => void): InboxEntry {
  return {
    applied: (ordinal) => row.applied[ordinal - 1] ?? 0,
    setApplied(ordinal, sequence) {
      row.applied[ordinal - 1] = sequence;
      touch();
    },
    nextSequence(ordinal) {
      const sequence = (row.published[ordinal - 1] ?? 0) + 1;
      row.published[ordinal - 1] = sequence;
      touch();
      return sequence;
    },
    isParked: (ordinal) => row.parked.includes(ordinal),
    park(ordinal) {
      if (!row.parked.includes(ordinal)) row.parked.push(ordinal);
      touch();
    },
    unpark(ordinal) {
      row.parked = row.parked.filter((parked) => parked !== ordinal);
      touch();
    },
  };
}

/** `{1,NULL,3}`; holes left by an assignment beyond the end are nulls. */
function toArray(vector: Vector): string {
  let literal = '';
  for (let i = 0; i < vector.length; i += 1) literal += `${i === 0 ? '' : ','}${vector[i] ?? 'NULL'}`;
  return `{${literal}}`;
}
