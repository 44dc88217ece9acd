import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import type { Logger } from 'pino';
import { FatalError, TransientError } from './errors.ts';
import { kindOfSqlState } from './failures.ts';

const KERNEL_MIGRATIONS = fileURLToPath(new URL('../migrations', import.meta.url));
/** Any number, the same for all instances of a service: one migrates, the others wait for it. */
const LOCK = 5_744_213;

/**
 * Brings the database up to date: the kernel's schema, then the service's. Throws TransientError while Postgres is
 * away, FatalError when a migration fails or the database can't be entered.
 */
export const migrate = (databaseUrl: string, migrations: string, logger: Logger): Promise<void> =>
  applyMigrations(databaseUrl, [kernel, own(migrations)], logger);

/** The same for a service without a kernel: its own schema alone. */
export const migrateOwn = (databaseUrl: string, migrations: string, logger: Logger): Promise<void> =>
  applyMigrations(databaseUrl, [own(migrations)], logger);

const kernel = {
  dir: KERNEL_MIGRATIONS,
  migrationsSchema: 'messaging',
  createMigrationsSchema: true,
  migrationsTable: 'migrations',
};
const own = (dir: string) => ({ dir, migrationsTable: 'migrations' });

async function applyMigrations(
  databaseUrl: string,
  folders: readonly (typeof kernel | ReturnType<typeof own>)[],
  logger: Logger,
): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000 });
  let isConnected = false;
  client.on('error', () => {
    isConnected = false;
  });
  try {
    await client.connect();
    isConnected = true;
    await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
    const log = (message: string) => logger.debug(message);
    for (const folder of folders)
      await runner({ dbClient: client, direction: 'up', noLock: true, log, ...folder });
  } catch (error) {
    // What goes wrong beside Postgres while it is there is a folder that is missing, or migrations out of order.
    if (isRefusal(error) || (isConnected && !(error instanceof pg.DatabaseError)))
      throw new FatalError('MIGRATION_FAILED', `migrations: ${String(error)}`, { cause: error });
    throw new TransientError('DATABASE_UNAVAILABLE', `Postgres: ${String(error)}`, { cause: error });
  } finally {
    // The lock goes with the connection.
    await client.end().catch(() => undefined);
  }
}

/** Postgres has answered, and not that it is away: it is neither starting nor short of connections nor in a conflict. */
const isRefusal = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && kindOfSqlState(error.code ?? '') !== 'transient';
