import { readFile } from 'node:fs/promises';
import { postgresTypes } from '@skald/auditor';
import { startScratchPostgres, startScratchSearch } from '@skald/local-stack';
import {
  createOpenSearchStore,
  createPostgresStore,
  createSearchEngine,
  facetLimit,
  facetQuery,
  facetSkus,
  type OrderStore,
  prepareIndex,
  searchQuery,
  storeMigration,
} from '@skald/order-view/stores';
import pg from 'pg';
import type { Question } from './questions.ts';

export const PARTITIONS = 6;

export interface Contender {
  readonly name: string;
  readonly version: string;
  readonly store: OrderStore;
  /** Once all orders are in: what the passing of time would do. */
  settle(): Promise<void>;
  /** Tables that are read from end to end, of a store that says so. */
  scansOf?(question: Question): Promise<readonly string[]>;
  stop(): Promise<void>;
}

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly Plans?: readonly Plan[];
}

/** As a service sees it: the kernel's connections plan like this. */
const asServicesConnect = {
  max: 5,
  pipeline: true,
  types: postgresTypes,
  options: '-c enable_seqscan=off -c enable_bitmapscan=off',
};

export async function startPostgres(): Promise<Contender> {
  const server = await startScratchPostgres();
  const pool = new pg.Pool({ ...asServicesConnect, connectionString: server.url } as pg.PoolConfig);
  await pool.query(await readFile(storeMigration, 'utf8'));
  const store = createPostgresStore(
    {
      async query<Row extends object>(
        statement: string | { name: string; text: string },
        values: readonly unknown[] = [],
      ) {
        const query = typeof statement === 'string' ? { text: statement } : statement;
        return (await pool.query<Row & pg.QueryResultRow>({ ...query, values: [...values] })).rows;
      },
    },
    PARTITIONS,
  );
  const { rows } = await pool.query<{ server_version: string }>('SHOW server_version');
  return {
    name: 'Postgres',
    version: rows[0]?.server_version ?? '',
    store,
    async settle() {
      await pool.query('VACUUM (ANALYZE) orders, order_terms');
    },
    async scansOf({ explains: { search, facets } }) {
      const queries = [
        ...(search === undefined ? [] : [searchQuery(search)]),
        ...(facets === undefined ? [] : [facetQuery(facets, facetLimit + 1, facetSkus)]),
      ];
      const scans: string[] = [];
      for (const { text, values } of queries) {
        const explained = await pool.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
          `EXPLAIN (FORMAT JSON) ${text}`,
          [...values],
        );
        const nodes = explained.rows.flatMap((row) => allOf(row['QUERY PLAN'][0].Plan));
        scans.push(
          ...nodes.flatMap((node) =>
            node['Node Type'] === 'Seq Scan' ? [node['Relation Name'] ?? 'unknown'] : [],
          ),
        );
      }
      return scans;
    },
    async stop() {
      await pool.end();
      await server.stop();
    },
  };
}

const allOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(allOf)];

export async function startSearchEngine(onProgress: (line: string) => void): Promise<Contender> {
  const server = await startScratchSearch(onProgress);
  const engine = createSearchEngine(server.url);
  const { version } = await engine.ask<{ version: { number: string } }>('GET', '/');
  const index = 'orders';
  return {
    name: 'OpenSearch',
    version: version.number,
    store: createOpenSearchStore({
      engine,
      index,
      partitions: PARTITIONS,
      prepare: () => prepareIndex(engine, index),
    }),
    settle: async () => undefined,
    async stop() {
      await engine.close();
      await server.stop();
    },
  };
}
