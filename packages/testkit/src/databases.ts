import { postgresTypes } from '@skald/auditor';
import { type ServiceName, serviceNames } from '@skald/contracts';
import type { StackAddresses } from '@skald/local-stack';
import pg from 'pg';

/** A look into the services' databases, with the role that each service has itself. */
export interface Databases {
  /** Rows with int8 as numbers. */
  query<Row extends object>(service: ServiceName, text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** The same query to every service: its rows, by service. */
  queryAll<Row extends object>(text: string): Promise<ReadonlyMap<ServiceName, Row[]>>;
  close(): Promise<void>;
}

export function openDatabases({ postgres }: Pick<StackAddresses, 'postgres'>): Databases {
  const pools = new Map<ServiceName, pg.Pool>();

  function poolOf(service: ServiceName): pg.Pool {
    const known = pools.get(service);
    if (known) return known;
    const connectionString = postgres[service];
    if (connectionString === undefined) throw new Error(`There is no database of ${service} in this stack`);
    const pool = new pg.Pool({ connectionString, max: 2, types: postgresTypes });
    // A database that is restarted under a test: the next query says so.
    pool.on('error', () => {});
    pools.set(service, pool);
    return pool;
  }

  async function query<Row extends object>(
    service: ServiceName,
    text: string,
    values: readonly unknown[] = [],
  ): Promise<Row[]> {
    const { rows } = await poolOf(service).query<Row & pg.QueryResultRow>(text, [...values]);
    return rows;
  }

  return {
    query,
    async queryAll<Row extends object>(text: string) {
      const rows = await Promise.all(
        serviceNames.map(async (service) => [service, await query<Row>(service, text)] as const),
      );
      return new Map(rows);
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.end()));
    },
  };
}
