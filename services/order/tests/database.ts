import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStack } from '@skald/local-stack';
import type { Queryable } from '@skald/messaging';
import pg from 'pg';

// As the kernel reads it.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

export interface TestDatabase {
  readonly pool: pg.Pool;
  readonly db: Queryable;
  /** Runs work in a transaction on a connection of its own. */
  transaction<Result>(work: (db: Queryable) => Promise<Result>): Promise<Result>;
  stop(): Promise<void>;
}

/** The service's own database, real and empty but for its tables. */
export async function startDatabase(service: 'order', migration: URL): Promise<TestDatabase> {
  const directory = await mkdtemp(join(tmpdir(), `skald-${service}-`));
  const stack = await startStack({ directory, services: 'none' });
  const connectionString = stack.addresses.postgres[service];
  // As the kernel connects.
  const options = '-c enable_seqscan=off';
  const pool = new pg.Pool({ connectionString, options, max: 8, pipeline: true } as pg.PoolConfig);
  // Its connections end with the stack, some of them a moment before they are closed.
  pool.on('error', () => {});
  await pool.query(await readFile(migration, 'utf8'));
  return {
    pool,
    db: queryable(pool),
    async transaction(work) {
      const client = await pool.connect();
      try {
        await client.query('BEGIN');
        const result = await work(queryable(client));
        await client.query('COMMIT');
        return result;
      } catch (error) {
        await client.query('ROLLBACK');
        throw error;
      } finally {
        client.release();
      }
    },
    async stop() {
      await pool.end();
      await stack.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

const queryable = (client: pg.Pool | pg.PoolClient): Queryable => ({
  async query<Row extends object>(
    statement: string | { readonly name: string; readonly text: string },
    values: readonly unknown[] = [],
  ) {
    const query = typeof statement === 'string' ? { text: statement } : statement;
    return (await client.query<Row & pg.QueryResultRow>({ ...query, values: [...values] })).rows;
  },
});
