import { setTimeout as pause } from 'node:timers/promises';
import { type Connection, TransientError } from '@skald/messaging';

/** What a generation consists of. */
export const tables = ['orders', 'order_terms', 'order_positions'] as const;

/** For whoever writes to let go, ms: long enough for a vacuum to be called off. */
const WRITERS_MS = 3_000;
/** For whoever reads: well below the second after which Postgres would end one of two that wait for each other, and it might be a reader. */
const READERS_MS = 150;
/** Between two tries, so that whoever waited comes through, ms. */
const BREATH_MS = 100;
/** Writers are held back for no longer, in one try. */
const TRIES_OF_READERS = 20;
const TRIES = 10;
/** A rebuild that hangs while others wait for it loses its transaction, ms. */
const IDLE_MS = 15_000;

/** What a generation lacks to be live: its tables were made by another version of the migrations. */
export class OtherFormError extends Error {}

const LOCK_TIMEOUT = '55P03';
const isLockTimeout = (error: unknown): boolean =>
  error instanceof TransientError && error.code === LOCK_TIMEOUT;

/**
 * Moves the tables of a generation to where the live one's are, and those to where it was, in one transaction: whoever names them
 * finds the others from then on, statements that are prepared too. First writers are held back and `level` is waited for, while reading
 * goes on; only the move itself waits for those who read, for an eye's blink each time.
 */
export async function switchGenerations(
  connection: Connection,
  number: number,
  level: () => Promise<void>,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await connection.query('BEGIN');
      await connection.query(`SET LOCAL idle_in_transaction_session_timeout = ${IDLE_MS}`);
      await lock(connection, tables, 'SHARE', WRITERS_MS);
      await level();
      await lockForReaders(connection, number);
      await move(connection, number);
      await connection.query('COMMIT');
      return;
    } catch (error) {
      if (connection.usable) await connection.query('ROLLBACK');
      if (!isLockTimeout(error) || attempt === TRIES) throw error;
      await pause(BREATH_MS);
    }
  }
}

async function lock(
  connection: Connection,
  names: readonly string[],
  mode: string,
  ms: number,
): Promise<void> {
  await connection.query(`SET LOCAL lock_timeout = ${ms}`);
  await connection.query(`LOCK TABLE ${names.join(', ')} IN ${mode} MODE`);
}

async function lockForReaders(connection: Connection, number: number): Promise<void> {
  const others = tables.map((table) => `order_generation_${number}.${table}`);
  for (let attempt = 1; ; attempt += 1) {
    await connection.query('SAVEPOINT before_readers');
    try {
      await lock(connection, [...tables, ...others], 'ACCESS EXCLUSIVE', READERS_MS);
      return;
    } catch (error) {
      if (!isLockTimeout(error) || attempt === TRIES_OF_READERS) throw error;
      // What it had taken of the locks goes with it; the writers stay held back.
      await connection.query('ROLLBACK TO SAVEPOINT before_readers');
      await pause(BREATH_MS);
    }
  }
}

async function move(connection: Connection, number: number): Promise<void> {
  const next = `order_generation_${number}`;
  await refuseOtherForm(connection, next);
  const [live] = await connection.query<{ number: number }>(
    "UPDATE order_generations SET state = 'kept' WHERE state = 'live' RETURNING number",
  );
  const kept = `order_generation_${live?.number}`;
  await connection.query(`CREATE SCHEMA ${kept}`);
  for (const table of tables) {
    await connection.query(`ALTER TABLE ${table} SET SCHEMA ${kept}`);
    await connection.query(`ALTER TABLE ${next}.${table} SET SCHEMA public`);
    await connection.query(`ALTER TABLE ${table} RESET (autovacuum_enabled)`);
  }
  await connection.query(`DROP SCHEMA ${next}`);
  await connection.query(
    "UPDATE order_generations SET state = 'live', live_since = now() WHERE number = $1",
    [number],
  );
}

/** One that was kept while migrations went on stays as it was. */
async function refuseOtherForm(connection: Connection, schema: string): Promise<void> {
  const forms = await connection.query<{ form: string }>(
    `SELECT string_agg(concat_ws(' ', c.relname, a.attname, a.atttypid::regtype, a.attnotnull), ', ' ORDER BY c.relname, a.attname) AS form
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
     WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relname = ANY ($1::text[])
       AND c.relnamespace IN ('public'::regnamespace, '${schema}'::regnamespace) GROUP BY c.relnamespace`,
    [[...tables]],
  );
  if (forms.length !== 2 || forms[0]?.form !== forms[1]?.form)
    throw new OtherFormError(`The tables of ${schema} have another form than today's: build one anew`);
}
