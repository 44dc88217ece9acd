import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../tests/infrastructure.ts';
import type { Connection, Queryable, Statement } from './database.ts';
import {
  adoptEffects,
  completeEffects,
  forgottenEffects,
  resetEffect,
  startEffects,
} from './effect-store.ts';

const owner = '00000000-0000-7000-8000-000000000000';
const effect = { kind: 'charge', id: '7' };
const byId = {
  closing: (db: Queryable) => completeEffects(db, [effect]),
  beginning: (db: Queryable) => startEffects(db, effect.kind, [effect.id], owner),
  resetting: (db: Queryable) => resetEffect(db, effect, owner),
};
const sweeps = {
  adopting: (db: Queryable) => adoptEffects(db, owner, 100),
  'finding forgotten': (db: Queryable) => forgottenEffects(db, owner, 100),
};
const values: Readonly<Record<keyof typeof byId | keyof typeof sweeps, string>> = {
  closing: "'charge', '{7}'",
  beginning: `'charge', '{7}', '${owner}'`,
  resetting: `'charge', '7', '${owner}'`,
  adopting: `'${owner}', 100`,
  'finding forgotten': `'${owner}', 100`,
};
type Call = keyof typeof values;

let database: TestDatabase;
let connection: Connection;

beforeAll(async () => {
  database = await createTestDatabase();
  connection = await database.connect();
  await connection.query('SET plan_cache_mode = force_generic_plan');
  await connection.query('ALTER TABLE messaging.effects SET (autovacuum_enabled = off)');
  for (const [name, call] of Object.entries({ ...byId, ...sweeps })) {
    await call({
      async query(statement) {
        await connection.query(`PREPARE "${name}" AS ${(statement as Statement).text}`);
        return [];
      },
    });
    // Planned while the table is empty, as in a service that has just been installed.
    await blocksOf(name as Call);
  }
});
afterAll(async () => {
  await connection.close();
  await database.drop();
});

async function work(): Promise<void> {
  await connection.query(`
    INSERT INTO messaging.effects (kind, id, key, data, owner, correlation_id, causation_id)
    SELECT 'charge', i::text, 'k', '{}', '${owner}', 'c', 'c' FROM generate_series(1, 20000) AS i`);
  await connection.query('DELETE FROM messaging.effects');
}

/** While it is there, no vacuum takes away what is deleted, and no scan marks what leads to nothing any more. */
async function holdSnapshot(): Promise<() => Promise<void>> {
  const reader = await database.connect();
  await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
  await reader.query('SELECT');
  return () => reader.close();
}

async function blocksOf(name: Call): Promise<number> {
  const [row] = await connection.query<{ 'QUERY PLAN': { Plan: Record<string, number> }[] }>(
    `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE "${name}" (${values[name]})`,
  );
  const plan = row?.['QUERY PLAN'][0]?.Plan;
  return (plan?.['Shared Hit Blocks'] ?? 0) + (plan?.['Shared Read Blocks'] ?? 0);
}

async function blocksOfTable(): Promise<number> {
  const [row] = await connection.query<{ blocks: number }>(
    `SELECT pg_relation_size('messaging.effects') / 8192 AS blocks`,
  );
  return row?.blocks ?? Number.NaN;
}

const situations: Readonly<Record<string, () => Promise<(() => Promise<void>) | undefined>>> = {
  'after work that nothing was vacuumed in': async () => {
    await work();
    return undefined;
  },
  'after work since a vacuum that has found the table empty': async () => {
    await connection.query('VACUUM ANALYZE messaging.effects');
    await work();
    return undefined;
  },
  'while somebody holds a snapshot from before the work': async () => {
    const release = await holdSnapshot();
    await work();
    return release;
  },
  // The planner learns that there is no row, although all the dead ones are there.
  'while somebody holds a snapshot, and the table was analyzed': async () => {
    const release = await holdSnapshot();
    await work();
    await connection.query('ANALYZE messaging.effects');
    return release;
  },
};

describe.each(Object.entries(situations))('%s', (_, arrange) => {
  beforeAll(async () => {
    await connection.query('TRUNCATE messaging.effects');
    return await arrange();
  });

  it.each(Object.keys(byId) as Call[])('%s an effect costs no more for all that are gone', async (name) => {
    expect(await blocksOf(name)).toBeLessThan(20);
  });

  it.each(Object.keys(sweeps) as Call[])('%s reads each block of the table once', async (name) => {
    // The first to come by may clear blocks, and sorting looks up how.
    await blocksOf(name);
    expect(await blocksOf(name)).toBeLessThan((await blocksOfTable()) + 20);
  });
});

it('an effect that begins is written again in place, also with all others of its batch', async () => {
  await connection.query('TRUNCATE messaging.effects');
  await connection.query(`
    INSERT INTO messaging.effects (kind, id, key, data, owner, correlation_id, causation_id)
    SELECT 'mail', i::text, 'k', json_build_object('letter', repeat('x', 500)), '${owner}', 'c', 'c'
    FROM generate_series(1, 1000) AS i`);
  const ids = Array.from({ length: 1_000 }, (_, index) => String(index + 1));
  const before = await blocksOfTable();
  expect(await startEffects(connection, 'mail', ids, owner)).toHaveLength(1_000);
  expect(await blocksOfTable()).toBe(before);
});

describe('an effect that must not run twice', () => {
  const other = '00000000-0000-7000-8000-000000000001';
  const begin = (by: string) => startEffects(connection, effect.kind, [effect.id], by);
  beforeEach(async () => {
    await connection.query('TRUNCATE messaging.effects');
    await connection.query(`
      INSERT INTO messaging.effects (kind, id, key, data, owner, correlation_id, causation_id)
      VALUES ('charge', '7', 'k', '{}', '${owner}', 'c', 'c')`);
  });

  it('can be begun again by whom the answer was lost to', async () => {
    expect(await begin(owner)).toEqual(['7']);
    expect(await begin(owner)).toEqual(['7']);
  });

  it('is not begun by its first owner when another has begun it, and it was adopted back', async () => {
    // After an outage of the database nobody counts as alive until its next beat: each adopts what is the other's.
    expect(await adoptEffects(connection, other, 10)).toHaveLength(1);
    expect(await begin(other)).toEqual(['7']);
    expect(await adoptEffects(connection, owner, 10)).toMatchObject([{ state: 'started' }]);
    expect(await begin(owner)).toEqual([]);
  });
});
