import type { Connection, Database, Queryable, Statement } from '@skald/messaging';
import { compareGenerations } from './compare-generations.ts';
import type { Generation, GenerationStore, OrderGenerations } from './order-generations.ts';
import type { Positions } from './order-store.ts';
import { switchGenerations, tables } from './switch-generations.ts';
import { rowColumns, toRow, toRows, upsertStatement } from './upsert-statement.ts';

/** The schema of a generation that isn't live. */
export const schemaOf = (number: number): string => `order_generation_${number}`;

/** The live generation stands where `createPostgresStore` finds it, each of the others in a schema. Migrations make what is copied. */
export function createPostgresGenerations(database: Pick<Database, 'query' | 'connect'>): OrderGenerations {
  return {
    async list() {
      const rows = await database.query<{ [Column in keyof Generation]: Generation[Column] }>(
        `SELECT number, state, (extract(epoch FROM created_at) * 1000)::bigint AS "createdAt",
           (extract(epoch FROM live_since) * 1000)::bigint AS "liveSince" FROM order_generations ORDER BY number`,
      );
      return rows;
    },
    create: () => onConnection(database, create),
    open: (number) => openGeneration(database, schemaOf(number)),
    compare: (number, since) =>
      onConnection(database, (connection) => compareGenerations(connection, schemaOf(number), since)),
    switchTo: (number, level) =>
      onConnection(database, (connection) => switchGenerations(connection, number, level)),
    async drop(number) {
      const [live] = await database.query(
        "SELECT FROM order_generations WHERE number = $1 AND state = 'live'",
        [number],
      );
      if (live !== undefined) throw new Error(`generation ${number} is the live one`);
      await database.query(`DROP SCHEMA IF EXISTS ${schemaOf(number)} CASCADE`);
      await database.query('DELETE FROM order_generations WHERE number = $1', [number]);
    },
  };
}

export async function onConnection<Result>(
  database: Pick<Database, 'connect'>,
  work: (connection: Connection) => Promise<Result>,
): Promise<Result> {
  const connection = await database.connect();
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}

/** Noted first: what is noted and not there can be dropped, and what is there and not noted would be forgotten. */
async function create(db: Queryable): Promise<number> {
  const [row] = await db.query<{ number: number }>(
    `INSERT INTO order_generations (number, state) SELECT max(number) + 1, 'building' FROM order_generations RETURNING number`,
  );
  const { number } = row as { number: number };
  const schema = schemaOf(number);
  await db.query(`CREATE SCHEMA ${schema}`);
  for (const table of tables) {
    await db.query('SELECT create_empty_copy($1::regclass, $2::name)', [table, schema]);
    // Its own care is taken of it, when it is filled; and a vacuum would hold up the switch.
    await db.query(`ALTER TABLE ${schema}.${table} SET (autovacuum_enabled = off)`);
  }
  return number;
}

function openGeneration(db: Queryable, schema: string): GenerationStore {
  const upsert = upsertStatement('order_store_upsert_', schema);
  const fill = fillStatement(schema);
  return {
    async positions(): Promise<Positions> {
      const rows = await db.query<{ partition: number; next_offset: number }>(
        `SELECT partition, next_offset FROM ${schema}.order_positions`,
      );
      return new Map(rows.map(({ partition, next_offset }) => [partition, next_offset]));
    },
    async upsert(changes, partition, nextOffset) {
      await db.query(upsert, [toRows(changes), partition, nextOffset]);
    },
    async fill(models) {
      await db.query(fill, [JSON.stringify(models.map(toRow))]);
    },
    async settle() {
      for (const table of tables) await db.query(`VACUUM (ANALYZE) ${schema}.${table}`);
    },
  };
}

const fillStatement = (schema: string): Statement => ({
  name: `order_store_fill_${schema}`,
  text: `WITH told AS MATERIALIZED (
           SELECT * FROM json_to_recordset($1::json) AS r (${rowColumns})
         ), listed AS (
           INSERT INTO ${schema}.order_terms (term, placed_at, order_id) SELECT unnest(terms), placed_at, order_id FROM told
         )
         INSERT INTO ${schema}.orders (order_id, version, partition, "offset", status, customer_id, skus, amount, currency,
                                       placed_at, waits_for, model)
         SELECT order_id, told.version, coalesce(live.partition, 0), coalesce(live."offset", -1), told.status,
                told.customer_id, told.skus, told.amount, told.currency, told.placed_at, told.waits_for, told.model
         FROM told LEFT JOIN orders live USING (order_id)`,
});
