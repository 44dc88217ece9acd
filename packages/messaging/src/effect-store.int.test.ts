import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../tests/infrastructure.ts';
import type { Connection, Queryable, Statement } from './database.ts';
import { adoptEffects, completeEffects, startEffects } from './effect-store.ts';

const owner = '00000000-0000-7000-8000-000000000000';
const calls = {
  closing: (db: Queryable) => completeEffects(db, [{ kind: 'charge', id: '7', outcome: null }]),
  beginning: (db: Queryable) => startEffects(db, [{ kind: 'charge', id: '7' }], owner),
  adopting: (db: Queryable) => adoptEffects(db, owner, 100),
};

let database: TestDatabase;
let connection: Connection;

beforeAll(async () => {
  database = await createTestDatabase();
  connection = await database.connect();
  await connection.query('SET plan_cache_mode = force_generic_plan');
  await connection.query('ALTER TABLE messaging.effects SET (autovacuum_enabled = off)');
  for (const [name, call] of Object.entries(calls)) {
    await call({
      async query(statement) {
        await connection.query(`PREPARE ${name} AS ${(statement as Statement).text}`);
        return [];
      },
    });
    // Planned while the table is empty, as in a service that has just been installed.
    await blocksOf(name);
  }
  await work();
});
afterAll(async () => {
  await connection.close();
  await database.drop();
});

/** As after an hour of work that nothing was vacuumed in. */
async function work(): Promise<void> {
  await connection.query('TRUNCATE messaging.effects');
  await connection.query(`
    INSERT INTO messaging.effects (kind, id, key, owner, correlation_id, causation_id)
    SELECT 'charge', i::text, 'k', '${owner}', 'c', 'c' FROM generate_series(1, 20000) AS i`);
  await connection.query("UPDATE messaging.effects SET state = 'done'");
}

const values: Record<string, string> = {
  closing: "'{charge}', '{7}', '{null}'",
  beginning: `'{charge}', '{7}', '${owner}'`,
  adopting: `'${owner}', 100`,
};

async function blocksOf(name: string): Promise<number> {
  const [row] = await connection.query<{ 'QUERY PLAN': { Plan: Record<string, number> }[] }>(
    `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE ${name} (${values[name]})`,
  );
  const plan = row?.['QUERY PLAN'][0]?.Plan;
  return (plan?.['Shared Hit Blocks'] ?? 0) + (plan?.['Shared Read Blocks'] ?? 0);
}

it.each(Object.keys(calls))('%s an effect costs no more for all that are done', async (name) => {
  // The first ones to come by mark what leads to nothing any more.
  await blocksOf(name);
  await blocksOf(name);
  expect(await blocksOf(name)).toBeLessThan(60);
});

// Whoever looks for open effects reads their index, dead entries and all; these two know the effect's id.
describe('while somebody holds a snapshot from before the work', () => {
  let reader: Connection;

  beforeAll(async () => {
    reader = await database.connect();
    await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await reader.query('SELECT');
    await work();
    // Autovacuum counts the rows, although it can take none away: nearly none are open, so their index looks small.
    await connection.query('ANALYZE messaging.effects');
  });
  afterAll(() => reader.close());

  it.each(['closing', 'beginning'])('%s an effect leaves the index of open ones alone', async (name) => {
    await blocksOf(name);
    expect(await blocksOf(name)).toBeLessThan(60);
  });
});
