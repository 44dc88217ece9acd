import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { postgresTypes } from '@skald/auditor';
import pg from 'pg';
import { connectStack } from './shared-stack.ts';

/** A named statement is prepared once a connection. */
type Statement = string | { readonly name: string; readonly text: string };

/** As services see Postgres: int8 as number, timestamptz as Date, bytea as Buffer, jsonb parsed. */
export interface TestQueryable {
  query<Row extends object = Record<string, unknown>>(
    statement: Statement,
    values?: readonly unknown[],
  ): Promise<Row[]>;
}

/** A database of a test file's own, on a Postgres that all share. */
export interface TestDatabase {
  /** postgres://… */
  readonly url: string;
  readonly pool: pg.Pool;
  readonly db: TestQueryable;
  /** Runs work in a transaction on a connection of its own. */
  transaction<Result>(work: (db: TestQueryable) => Promise<Result>): Promise<Result>;
  /** Drops the database. */
  stop(): Promise<void>;
}

/**
 * Creates a database in the shared stack, empty but for what the migrations make.
 * `control`: of the shared stack, which starts if it doesn't run.
 */
export async function createTestDatabase(control: string, ...migrations: URL[]): Promise<TestDatabase> {
  const { administratorUrl } = await connectStack(control);
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await administer(administratorUrl, `CREATE DATABASE ${name}`);
  const url = new URL(administratorUrl);
  url.pathname = name;
  const pool = new pg.Pool({ ...asServicesConnect, connectionString: url.href } as pg.PoolConfig);
  // Its connections end with the database, some of them a moment before they are closed.
  pool.on('error', () => {});
  for (const migration of migrations) await pool.query(await readFile(migration, 'utf8'));
  return {
    url: url.href,
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
      await administer(administratorUrl, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

/** Pipelined, and with plans that go along an index however small the tables are: see the kernel's database. */
const asServicesConnect = { max: 8, pipeline: true, types: postgresTypes, options: '-c enable_seqscan=off' };

async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

const queryable = (client: pg.Pool | pg.PoolClient): TestQueryable => ({
  async query<Row extends object>(statement: Statement, values: readonly unknown[] = []) {
    const query = typeof statement === 'string' ? { text: statement } : statement;
    return (await client.query<Row & pg.QueryResultRow>({ ...query, values: [...values] })).rows;
  },
});
