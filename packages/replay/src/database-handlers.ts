import { type GroupName, type ServiceName, serviceNames } from '@skald/contracts';
import type { DecisionContext, Input } from '@skald/messaging';
import { type Connection, createDatabase, migrate } from '@skald/messaging/simulation';
import pg from 'pg';
import { decideIn, encodedAndRead, type Handlers, poisonOf, type Reaction, type Said } from './handlers.ts';
import { migrationsOf, type Participant, participants } from './participants.ts';

/** What an order left in a service's tables: rows by table. */
export type Rows = Readonly<Record<string, readonly unknown[]>>;

/** The handlers on databases of their own: the services' migrations, `load`, `decide`, `evolve` and `save`. */
export interface DatabaseHandlers extends Handlers {
  rowsOf(orderId: string): Promise<Record<ServiceName, Rows>>;
  close(): Promise<void>;
}

type Logger = Parameters<typeof migrate>[2];
const silent = { debug() {}, info() {}, warn() {}, error() {} } as unknown as Logger;

/** `urlOf`: an empty database for each service, whose role owns it. Throws what Postgres says. */
export async function openDatabaseHandlers(
  urlOf: (service: ServiceName) => string,
): Promise<DatabaseHandlers> {
  const sites = new Map<ServiceName, Site>();
  for (const service of serviceNames) {
    const url = urlOf(service);
    const connection = await openMigrated(service, url);
    sites.set(service, { connection, tables: await tablesOf(url) });
  }
  const siteOf = (service: ServiceName): Site => {
    const site = sites.get(service);
    if (site === undefined) throw new Error(`${service} has no database`);
    return site;
  };
  const react: Handlers['react'] = (service, input, context) =>
    reactOn(siteOf(service).connection, participants[service], input, context);
  const tell = (name: string, data: unknown) => {
    const input = { kind: 'command', name, data, key: name, id: name, correlationId: name, time: 0 } as const;
    return react('inventory', input, { now: 0, newId: () => name });
  };
  await tell('ListCatalogue', null);
  return {
    react,
    stateOf: () => undefined,
    async shelve(shelf) {
      for (const [sku, onHand] of shelf) await tell('CountStock', { sku, onHand });
    },
    async rowsOf(orderId) {
      const all = await Promise.all(
        serviceNames.map(async (service) => [service, await rowsIn(siteOf(service), orderId)] as const),
      );
      return Object.fromEntries(all) as Record<ServiceName, Rows>;
    },
    async close() {
      await Promise.all([...sites.values()].map(({ connection }) => connection.close()));
    },
  };
}

interface Site {
  readonly connection: Connection;
  readonly tables: readonly Table[];
}

interface Table {
  readonly name: string;
  /** Set by the database's own clock or count: different each time. */
  readonly volatile: readonly string[];
}

/** A connection to an empty database, with a service's tables in it. Throws what Postgres says. */
export async function openMigrated(service: GroupName, url: string): Promise<Connection> {
  await migrate(url, migrationsOf(service), silent);
  const database = createDatabase({ url, name: `skald-replay-${service}`, poolSize: 1 });
  const connection = await database.connect();
  await database.close();
  return connection;
}

/** One transaction, as the kernel makes it of one input. */
export async function reactOn(
  connection: Connection,
  participant: Pick<Participant, 'reactor'>,
  input: Input,
  context: DecisionContext,
): Promise<Reaction> {
  const { load, save, conclude } = participant.reactor;
  try {
    const begun = connection.query('BEGIN');
    const world = await load(connection, [input]);
    await begun;
    const reaction = decideIn(participant, world, input, context);
    if (reaction.outcome !== 'apply' && reaction.outcome !== 'remember') {
      await connection.query('COMMIT');
      return reaction;
    }
    const concluded = (conclude?.(world) ?? []).map(
      ({ name, data }) => ({ name, data: encodedAndRead(name, data) }) as Said,
    );
    await save(connection, world);
    await connection.query('COMMIT');
    return { ...reaction, says: [...reaction.says, ...concluded] };
  } catch (error) {
    await connection.query('ROLLBACK').catch(() => undefined);
    return poisonOf(error);
  }
}

const SELECT_TABLES = `
  SELECT table_name AS name, coalesce(array_agg(column_name::text) FILTER (WHERE
      column_default ~ '(now|current|clock|nextval|transaction|xact)' ), '{}') AS volatile
  FROM information_schema.columns WHERE table_schema = 'public'
  GROUP BY table_name HAVING bool_or(column_name = 'order_id') ORDER BY table_name`;

/** Every table that has something of an order, whatever it is called. */
async function tablesOf(url: string): Promise<Table[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<{ name: string; volatile: string[] }>(SELECT_TABLES)).rows;
  } finally {
    await client.end();
  }
}

async function rowsIn({ connection, tables }: Site, orderId: string): Promise<Rows> {
  const all = tables.map(async ({ name, volatile }) => {
    const table = pg.escapeIdentifier(name);
    const text = `SELECT to_jsonb(t) - $2::text[] AS row FROM ${table} t WHERE order_id::text = $1 ORDER BY t::text`;
    const rows = await connection.query<{ row: unknown }>(text, [orderId, volatile]);
    return [name, rows.map(({ row }) => row)] as const;
  });
  return Object.fromEntries(await Promise.all(all));
}
