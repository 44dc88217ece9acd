import { randomBytes } from 'node:crypto';
import { serviceNames } from '@skald/contracts';
import { eventually } from '@skald/testkit';
import pg from 'pg';

/** A Postgres server, seen from outside. */
export interface PostgresServer {
  readonly host: string;
  readonly port: number;
  /** Of the superuser `postgres`. */
  readonly password: string;
}

export const createPassword = (): string => randomBytes(18).toString('base64url');

export const databaseUrl = (
  { host, port }: PostgresServer,
  role: string,
  password: string,
  database: string,
): string => `postgres://${role}:${password}@${host}:${port}/${database}`;

/** Addresses of the databases, by service. */
export interface DatabaseUrls {
  /** With the role that owns it. */
  readonly postgres: Readonly<Record<string, string>>;
  /** With a role that reads all of them. */
  readonly auditor: Readonly<Record<string, string>>;
}

/** A database and a role for each service, which can enter that one alone, and one that reads them all. */
export async function createDatabases(server: PostgresServer): Promise<DatabaseUrls> {
  const administrator = await eventually(() => connect(server), {
    timeoutMs: 60_000,
    what: 'Postgres answers',
  });
  try {
    const postgres: Record<string, string> = {};
    const auditor: Record<string, string> = {};
    const readerPassword = createPassword();
    await administrator.query(
      `CREATE ROLE auditor LOGIN PASSWORD '${readerPassword}' IN ROLE pg_read_all_data`,
    );
    await administrator.query('ALTER ROLE auditor SET default_transaction_read_only = on');
    for (const service of serviceNames) {
      const password = createPassword();
      await administrator.query(`CREATE ROLE "${service}" LOGIN PASSWORD '${password}'`);
      await administrator.query(`CREATE DATABASE "${service}" OWNER "${service}"`);
      await administrator.query(`REVOKE ALL ON DATABASE "${service}" FROM PUBLIC`);
      await administrator.query(`GRANT CONNECT ON DATABASE "${service}" TO auditor`);
      postgres[service] = databaseUrl(server, service, password, service);
      auditor[service] = databaseUrl(server, 'auditor', readerPassword, service);
    }
    return { postgres, auditor };
  } finally {
    await administrator.end();
  }
}

async function connect(server: PostgresServer): Promise<pg.Client> {
  const client = new pg.Client(databaseUrl(server, 'postgres', server.password, 'postgres'));
  await client.connect();
  return client;
}
