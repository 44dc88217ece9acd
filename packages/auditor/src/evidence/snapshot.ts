import type { ServiceName } from '@skald/contracts';
import pg from 'pg';
import { postgresTypes } from '../postgres-types.ts';
import { asking } from '../witnesses.ts';

/** One moment of one service's database. */
export interface Snapshot {
  /** Rows in portions: a table may be larger than memory. int8 as number. */
  rows<Row extends object>(text: string): AsyncGenerator<Row>;
  /** A small answer as a whole. */
  all<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]>;
}

const PORTION = 5_000;
const CONNECT_TIMEOUT_MS = 10_000;
/** No query of ours takes so long: what it would wait for is a lock that somebody holds. ms */
const STATEMENT_TIMEOUT_MS = 300_000;

/** Everything that `work` reads is of one snapshot, and nothing can be written in it. */
export function inSnapshot<Result>(
  service: ServiceName,
  url: string | undefined,
  work: (snapshot: Snapshot) => Promise<Result>,
): Promise<Result> {
  return asking(`the database of ${service}`, async () => {
    if (url === undefined) throw new Error('nobody said where it is');
    const client = new pg.Client({
      connectionString: url,
      application_name: 'skald-auditor',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      types: postgresTypes,
    });
    // One that ends in the middle is told of by the query that it ends.
    client.on('error', () => {});
    await client.connect();
    try {
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      return await work(snapshotOf(client));
    } finally {
      await client.end();
    }
  });
}

function snapshotOf(client: pg.Client): Snapshot {
  return {
    async *rows<Row extends object>(text: string) {
      await client.query(`DECLARE portion NO SCROLL CURSOR FOR ${text}`);
      for (;;) {
        const { rows } = await client.query<Row & pg.QueryResultRow>(`FETCH ${PORTION} FROM portion`);
        yield* rows;
        if (rows.length < PORTION) break;
      }
      await client.query('CLOSE portion');
    },
    async all<Row extends object>(text: string, values: readonly unknown[] = []) {
      return (await client.query<Row & pg.QueryResultRow>(text, [...values])).rows;
    },
  };
}
