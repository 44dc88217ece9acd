import { randomUUID } from 'node:crypto';
import { groupNames } from '@skald/contracts';
import { startScratchPostgres } from '@skald/local-stack';
import pg from 'pg';
import { DatabaseAway } from './order-database.ts';

/** Databases that are thrown away: one for each service that reacts, and each side of a comparison. */
export interface Scratch {
  /** postgres://…/…{service} */
  readonly templates: { readonly here: string; readonly there: string };
  /** Throws away all of it. */
  drop(): Promise<void>;
}

/** On the Postgres given, or one of its own. Throws DatabaseAway, or a StackError where none can be started. */
export async function createScratch(given: string | undefined): Promise<Scratch> {
  const own = given === undefined ? await startScratchPostgres() : undefined;
  const url = given ?? own?.url ?? '';
  const run = randomUUID().slice(0, 8);
  const sides = { here: `replay_${run}_here_`, there: `replay_${run}_there_` };
  const names = Object.values(sides).flatMap((prefix) => groupNames.map((group) => prefix + group));
  const drop = async () => {
    // What is in a Postgres of our own goes with it.
    if (own !== undefined) return own.stop();
    await administer(
      url,
      names.map((name) => `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`),
    );
  };
  try {
    await administer(
      url,
      names.map((name) => `CREATE DATABASE "${name}"`),
    );
  } catch (cause) {
    await drop().catch(() => undefined);
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DatabaseAway(`no database can be created to replay in: ${reason}`, { cause });
  }
  const templateOf = (prefix: string): string => {
    const template = new URL(url);
    template.pathname = '';
    return `${template.href.replace(/\/?(\?.*)?$/, '')}/${prefix}{service}${template.search}`;
  };
  return { templates: { here: templateOf(sides.here), there: templateOf(sides.there) }, drop };
}

async function administer(url: string, statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => {});
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
