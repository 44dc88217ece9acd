import { type Connection, type Database, inTransaction, type Statement } from './database.ts';
import { TransientError } from './errors.ts';
import { time } from './time.ts';

/** The right to relay an outbox. */
export interface Lease {
  /** Reads the outbox and holds the lease: when it breaks, the lease is gone. */
  readonly connection: Connection;
  /** Where the last holder had got to. */
  readonly low: number;
  /** Rises with each holder. */
  readonly epoch: number;
  /** False once it is lost: stop sending. */
  readonly held: boolean;
  needsRenewal(): boolean;
  /** Saves the mark and renews the lease. Throws when another holds it by now. */
  mark(low: number): Promise<void>;
  /** Another process has committed an entry. */
  onBell(listener: () => void): void;
  /** Empties a slot if it holds nothing above `low`; false if it couldn't be locked just now. */
  clearSlot(slot: number, low: number): Promise<boolean>;
  lose(): void;
  release(): Promise<void>;
}

/** A paused holder loses the lease after this time, ms. A dead one loses it at once, with its connection. */
const LEASE_MS = 5_000;
export const BELL_CHANNEL = 'messaging_outbox';

const ACQUIRE: Statement = {
  name: 'relay-acquire',
  text: `
  UPDATE messaging.relay r
  SET epoch = epoch + 1, expires_at = clock_timestamp() + $1 * interval '1 ms', backend_pid = a.pid, backend_start = a.backend_start
  FROM pg_stat_activity a
  WHERE a.pid = pg_backend_pid()
    AND (r.expires_at < clock_timestamp() OR NOT EXISTS (
      SELECT FROM pg_stat_activity h WHERE h.pid = r.backend_pid AND h.backend_start = r.backend_start))
  RETURNING r.low, r.epoch`,
};
// A lost mark is sent again after a crash, which is harmless: nobody need wait for the disk.
const MARK: Statement = {
  name: 'relay-mark',
  text: `UPDATE messaging.relay SET low = $1, expires_at = clock_timestamp() + $2 * interval '1 ms' WHERE epoch = $3 RETURNING epoch`,
};
const RELEASE: Statement = {
  name: 'relay-release',
  text: "UPDATE messaging.relay SET expires_at = '-infinity' WHERE epoch = $1",
};

/** Takes the lease if nobody alive holds it. */
export async function acquireLease(database: Database): Promise<Lease | undefined> {
  const connection = await database.connect();
  let keeper: Connection | undefined;
  try {
    const [row] = await connection.query<{ low: number; epoch: number }>(ACQUIRE, [LEASE_MS]);
    if (row === undefined) {
      await connection.close();
      return undefined;
    }
    await connection.query(`LISTEN ${BELL_CHANNEL}`);
    keeper = await database.connect();
    // The relay's marks, and nothing else, go without waiting for the disk.
    await keeper.query('SET synchronous_commit = off');
    return createLease(connection, keeper, row.low, row.epoch);
  } catch (error) {
    await Promise.all([connection.close(), keeper?.close()]);
    throw error;
  }
}

/** `keeper`: a connection apart for marks and housekeeping, as looks are pipelined on the other. */
function createLease(connection: Connection, keeper: Connection, low: number, epoch: number): Lease {
  let lost = false;
  let renewedAt = time.monotonic();
  return {
    connection,
    low,
    epoch,
    get held() {
      return !lost && connection.usable && keeper.usable && time.monotonic() - renewedAt < LEASE_MS;
    },
    needsRenewal: () => time.monotonic() - renewedAt > LEASE_MS / 2,
    async mark(mark) {
      const rows = await keeper.query(MARK, [mark, LEASE_MS, epoch]);
      if (rows.length === 0) {
        lost = true;
        throw new TransientError('LEASE_LOST', 'another relay is active');
      }
      renewedAt = time.monotonic();
    },
    onBell: (listener) => connection.onNotification(listener),
    clearSlot: (slot, mark) => clearSlot(keeper, slot, mark),
    lose() {
      lost = true;
    },
    async release() {
      if (keeper.usable && !lost) await keeper.query(RELEASE, [epoch]).catch(() => undefined);
      await Promise.all([connection.close(), keeper.close()]);
    },
  };
}

async function clearSlot(connection: Connection, slot: number, low: number): Promise<boolean> {
  const table = `messaging.outbox_${slot}`;
  try {
    await inTransaction(connection, async (tx) => {
      await tx.query("SET LOCAL lock_timeout = '50ms'");
      await tx.query(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
      const [row] = await tx.query<{ clear: boolean }>(
        `SELECT NOT EXISTS (SELECT FROM ${table} WHERE position > $1) AS clear`,
        [low],
      );
      if (row?.clear === true) await tx.query(`TRUNCATE ${table}`);
    });
    return true;
  } catch (error) {
    // Somebody reads it just now: later.
    if (error instanceof TransientError) return false;
    throw error;
  }
}
