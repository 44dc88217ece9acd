import { createDatabase } from '@skald/messaging';
import { createTestDatabase } from '@skald/testkit';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { describeOrderGenerations } from '../tests/generations-conformance.ts';
import { modelNumber } from '../tests/given.ts';
import { createPostgresGenerations } from './postgres-generations.ts';
import { createPostgresStore } from './postgres-store.ts';

const migrations = ['002_orders.sql', '003_generations.sql'].map(
  (name) => new URL(`../migrations/${name}`, import.meta.url),
);

async function open() {
  const test = await createTestDatabase(inject('infrastructure'), ...migrations);
  const database = createDatabase({ url: test.url, name: 'test' });
  return {
    test,
    store: createPostgresStore(database, 6),
    generations: createPostgresGenerations(database),
    async close() {
      await database.close();
      await test.stop();
    },
  };
}

describeOrderGenerations('Postgres', async () => {
  const opened = await open();
  return {
    ...opened,
    async tamper(orderId) {
      await opened.test.pool.query(
        `UPDATE orders SET model = jsonb_set(model::jsonb, '{customerId}', '"nobody"')::json WHERE order_id = $1`,
        [orderId],
      );
    },
  };
});

describe('a generation in Postgres', () => {
  let opened: Awaited<ReturnType<typeof open>>;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened.close());

  /** Tables, columns, options, indexes and keys, without the schema that they stand in. */
  const formOf = async (schema: string) => {
    const { rows } = await opened.test.pool.query<{ form: string }>(
      `SELECT format('%s %s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull) AS form
       FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
       WHERE c.relnamespace = $1::text::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND c.relname LIKE 'order%'
       UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = $1::text AND tablename LIKE 'order%'
       UNION ALL SELECT concat_ws(' ', conrelid::regclass::text, conname) FROM pg_constraint
         WHERE connamespace = $1::text::regnamespace AND contype = 'p' AND conname LIKE 'order%'`,
      [schema],
    );
    return rows
      .map(({ form }) => form.replaceAll(`${schema}.`, ''))
      .filter((form) => !form.includes('order_generations'))
      .sort();
  };

  it('has the very tables, keys and indexes of the live one, and leaves them under the same names', async () => {
    const before = await formOf('public');
    const number = await opened.generations.create();
    expect(await formOf(`order_generation_${number}`)).toEqual(before);
    await opened.generations.switchTo(number, async () => undefined);
    expect(await formOf('public')).toEqual(before);
    expect(await formOf('order_generation_1')).toEqual(before);
  });

  it('that was kept while migrations went on is not gone back to', async () => {
    await opened.test.pool.query('ALTER TABLE orders ADD COLUMN note text');
    await expect(opened.generations.switchTo(1, async () => undefined)).rejects.toThrow('another form');
    await opened.store.upsert([{ partition: 0, offset: 0, model: modelNumber(1) }], 0, 1);
    await opened.test.pool.query('ALTER TABLE orders DROP COLUMN note');
  });

  it('waits for whoever reads, and holds nobody up for it', async () => {
    const { test, store, generations } = opened;
    const number = await generations.create();
    const reader = await test.pool.connect();
    try {
      await reader.query('BEGIN');
      await reader.query('SELECT FROM order_terms');
      const switching = generations.switchTo(number, async () => undefined);
      let isSwitched = false;
      void switching.then(() => {
        isSwitched = true;
      });
      // Would be one of two that wait for each other, if the switch kept what it has.
      await reader.query('SELECT pg_sleep(0.3)');
      await reader.query('SELECT FROM orders');
      expect((await store.search({ filter: {}, sort: 'newest', limit: 1 })).length).toBe(1);
      expect(isSwitched).toBe(false);
      await reader.query('COMMIT');
      await switching;
    } finally {
      reader.release();
    }
    expect(await store.search({ filter: {}, sort: 'newest', limit: 1 })).toEqual([]);
  });
});
