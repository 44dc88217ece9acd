import type { Queryable, Statement } from './database.ts';

const READ: Statement = {
  name: 'mass-failure-read',
  text: 'SELECT is_suspected FROM messaging.mass_failure',
};
const WRITE: Statement = {
  name: 'mass-failure-suspect',
  text: 'UPDATE messaging.mass_failure SET is_suspected = $1',
};

/** Whether the process before this one was failing most of its messages. */
export async function readSuspicion(db: Queryable): Promise<boolean> {
  const [row] = await db.query<{ is_suspected: boolean }>(READ);
  return row?.is_suspected ?? false;
}

/** Not async: in a transaction the statement is awaited with all others, and its failure is the transaction's. */
export const writeSuspicion = (db: Queryable, isSuspected: boolean): Promise<unknown> =>
  db.query(WRITE, [isSuspected]);
