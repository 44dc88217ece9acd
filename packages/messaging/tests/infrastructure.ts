import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { connectStack } from '@skald/testkit';
import pg from 'pg';
import { inject } from 'vitest';
import { createDatabase, type Database } from '../src/database.ts';
import { migrate } from '../src/migrate.ts';
import { logger } from './given.ts';

export const stack = await connectStack(inject('infrastructure'));

export interface TestDatabase extends Database {
  readonly name: string;
  readonly url: string;
  drop(): Promise<void>;
}

export const migrations = fileURLToPath(new URL('./migrations', import.meta.url));

/** A database and a role of its own, as a service has them: no superuser, and the kernel's tables in it. */
export async function createTestDatabase(isMigrated = true): Promise<TestDatabase> {
  const name = `kernel_${randomBytes(6).toString('hex')}`;
  await asAdministrator(
    `CREATE ROLE ${name} LOGIN PASSWORD '${name}'`,
    `CREATE DATABASE ${name} OWNER ${name}`,
  );
  const { host } = new URL(stack.administratorUrl);
  const url = `postgres://${name}:${name}@${host}/${name}`;
  if (isMigrated) await migrate(url, migrations, logger);
  const database = createDatabase({ url, name: 'test' });
  return {
    ...database,
    name,
    url,
    async drop() {
      await database.close();
      await asAdministrator(`DROP DATABASE ${name} WITH (FORCE)`, `DROP ROLE ${name}`);
    },
  };
}

/** How far the relay has marked the outbox. */
export async function marked(database: Database): Promise<number> {
  const [row] = await database.query<{ low: number }>('SELECT low FROM messaging.relay');
  return row?.low ?? Number.NaN;
}

/** Ends a connection from outside, as an administrator or a crash would. */
export async function endConnections(condition: string): Promise<void> {
  await asAdministrator(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${condition}`);
}

/** What no service may do. */
export async function asAdministrator(...statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: stack.administratorUrl });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
