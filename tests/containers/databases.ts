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

/** A database and a role for each service, which can enter that one alone. Answers their addresses. */
export async function createDatabases(server: PostgresServer): Promise<Record<string, string>> {
  const administrator = await eventually(() => connect(server), {
    timeoutMs: 60_000,
    what: 'Postgres answers',
  });
  try {
    const urls: Record<string, string> = {};
    for (const service of serviceNames) {
      const password = createPassword();
      await administrator.query(`CREATE ROLE "${service}" LOGIN PASSWORD '${password}'`);
      await administrator.query(`CREATE DATABASE "${service}" OWNER "${service}"`);
      await administrator.query(`REVOKE ALL ON DATABASE "${service}" FROM PUBLIC`);
      urls[service] = databaseUrl(server, service, password, service);
    }
    return urls;
  } finally {
    await administrator.end();
  }
}

async function connect(server: PostgresServer): Promise<pg.Client> {
  const client = new pg.Client(databaseUrl(server, 'postgres', server.password, 'postgres'));
  await client.connect();
  return client;
}
