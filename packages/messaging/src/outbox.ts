import type { Queryable, Statement } from './database.ts';
import type { RecordToSend } from './entry.ts';

const INSERT: Statement = {
  name: 'outbox-insert',
  text: 'INSERT INTO messaging.outbox (entry) VALUES ($1) RETURNING position',
};

/**
 * Saves a transaction's records as one entry and answers its position. Call it after the keys are locked: the
 * position is drawn here, and the order of one key's entries is the order of their positions.
 */
export function insertEntry(db: Queryable, entry: Buffer): Promise<{ position: number }[]> {
  return db.query<{ position: number }>(INSERT, [entry]);
}

export interface OutboxRow {
  readonly position: number;
  readonly entry: Buffer;
  /** Of an entry of our own process: it need not be unpacked. */
  readonly records?: readonly RecordToSend[];
}

/** What one look at the outbox sees, all of it in one snapshot. */
export interface OutboxLook {
  readonly rows: readonly OutboxRow[];
  /** Transactions below this have all ended. */
  readonly xmin: bigint;
}

/** $1: high, $2: gaps, $3: limit. New entries, and old positions whose transaction was still open at the last look. */
export const LOOK: Statement = {
  name: 'outbox-look',
  text: `SELECT pg_snapshot_xmin(s)::text AS xmin, o.position, o.entry
         FROM pg_current_snapshot() AS s LEFT JOIN (
           (SELECT position, entry FROM messaging.outbox WHERE position > $1::bigint ORDER BY position LIMIT $3::int)
           UNION ALL
           (SELECT position, entry FROM messaging.outbox WHERE position = ANY ($2::bigint[]))
         ) AS o ON true
         ORDER BY o.position`,
};

/**
 * Draws an xid: whoever has drawn a position by now has a lower one. A snapshot's xmax doesn't say that, as it knows
 * of no transaction that began after the last that has ended.
 */
export const HORIZON: Statement = {
  name: 'outbox-horizon',
  text: 'SELECT pg_current_xact_id()::text AS xid',
};

/** Positions of one slot, and slots in the ring: as in migrations/001. */
export const SLOT_SIZE = 4096;
export const SLOTS = 8;
