import type { Input, Queryable } from '@skald/messaging';
import { createTestDatabase, type TestDatabase } from '@skald/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { cancelled, command, confirmed, countStock, created, take, uuid } from '../tests/given.ts';
import { delivered, type Stock } from './stock.ts';
import { findStock, listStock, load, save } from './store.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase(
    inject('infrastructure'),
    new URL('../migrations/001_stock.sql', import.meta.url),
  );
});
beforeEach(() => database.pool.query('TRUNCATE products, stock, reservations'));
afterAll(() => database.stop());

/** Load, decide, save in one transaction, as the kernel does. */
const react = (...inputs: readonly Input[]) =>
  database.transaction(async (db) => {
    const world = await load(db, inputs);
    const result = take(world, ...inputs);
    await save(db, world);
    return result;
  });

async function stocked(...rows: readonly Stock[]): Promise<void> {
  const { pool } = database;
  for (const { sku, onHand } of rows) {
    await pool.query(`INSERT INTO products VALUES ($1, $1, 100, 'EUR', 1)`, [sku]);
    await pool.query('INSERT INTO stock VALUES ($1, $2, 0, 0, $2)', [sku, onHand]);
  }
}

const one = (sku: string, quantity = 1) => ({ sku, quantity });
const names = (events: readonly { readonly name: string }[]) => events.map(({ name }) => name);
const statesOf = async () =>
  (
    await database.pool.query(
      'SELECT state, count(*) AS orders FROM reservations GROUP BY state ORDER BY state',
    )
  ).rows;

describe('a reservation', () => {
  it('is kept from batch to batch: reserved, then shipped', async () => {
    await stocked(delivered('A', 5), delivered('B', 5));
    const orderId = uuid(1);
    await react(created(orderId, one('A', 2), one('B')));
    expect(await findStock(database.db, 'A')).toEqual({
      sku: 'A',
      onHand: 3,
      reserved: 2,
      shipped: 0,
      received: 5,
    });
    expect(names((await react(confirmed(orderId))).events)).toEqual(['StockShipped']);
    expect(await listStock(database.db, '', 10)).toEqual([
      { sku: 'A', onHand: 3, reserved: 0, shipped: 2, received: 5 },
      { sku: 'B', onHand: 4, reserved: 0, shipped: 1, received: 5 },
    ]);
    expect(await statesOf()).toEqual([{ state: 'shipped', orders: 1 }]);
  });

  it('that is released puts back what it held, and no more when told again', async () => {
    await stocked(delivered('A', 5));
    await react(created(uuid(1), one('A', 2)), created(uuid(2), one('A')));
    await react(cancelled(uuid(1)));
    await react(cancelled(uuid(1)));
    expect(await findStock(database.db, 'A')).toEqual({
      sku: 'A',
      onHand: 4,
      reserved: 1,
      shipped: 0,
      received: 5,
    });
  });

  it('leaves a tombstone when the cancellation comes first', async () => {
    await stocked(delivered('A', 5));
    await react(cancelled(uuid(1)));
    expect((await react(created(uuid(1), one('A')))).events).toEqual([]);
    expect(await findStock(database.db, 'A')).toEqual(delivered('A', 5));
    expect(await statesOf()).toEqual([{ state: 'cancelled', orders: 1 }]);
  });

  it('of a SKU that nobody sells is refused, and the SKU is not made up', async () => {
    const { events } = await react(created(uuid(1), one('A')));
    expect(names(events)).toEqual(['StockReservationFailed']);
    expect(await listStock(database.db, '', 10)).toEqual([]);
  });

  it('is not loaded for nonsense, which would fail the whole batch', async () => {
    const world = await load(database.db, [cancelled('no-uuid'), created(uuid(1), one('A\0'))]);
    expect(world.reservations.size).toBe(0);
  });
});

describe('two instances', () => {
  it('racing for the last hundred sell a hundred', async () => {
    await stocked(delivered('A', 100));
    const batches = Array.from({ length: 20 }, (_, batch) =>
      Array.from({ length: 10 }, (_, i) => created(uuid(batch * 10 + i), one('A'))),
    );
    const events = (await Promise.all(batches.map((batch) => react(...batch)))).flatMap(
      (result) => result.events,
    );
    expect(names(events).filter((name) => name === 'StockReserved')).toHaveLength(100);
    expect(names(events).filter((name) => name === 'StockReservationFailed')).toHaveLength(100);
    expect(await findStock(database.db, 'A')).toEqual({
      sku: 'A',
      onHand: 0,
      reserved: 100,
      shipped: 0,
      received: 100,
    });
  });

  it('that lock the same SKUs in opposite order wait for each other, but never in a circle', async () => {
    const skus = ['A', 'B', 'C', 'D', 'E'];
    await stocked(...skus.map((sku) => delivered(sku, 1_000)));
    const batches = Array.from({ length: 40 }, (_, i) => {
      const wanted = i % 2 === 0 ? skus : skus.toReversed();
      return created(uuid(i), ...wanted.map((sku) => one(sku)));
    });
    await Promise.all(batches.map((batch) => react(batch)));
    // What is shipped or released is locked by what the reservations hold, not by what the events say.
    await Promise.all(
      batches.map(({ key }, i) =>
        react(i % 2 === 0 ? confirmed(key) : cancelled(key), created(uuid(100 + i), one('E'), one('A'))),
      ),
    );
    for (const stock of await listStock(database.db, '', 10))
      expect(stock).toMatchObject({ shipped: 20, received: 1_000 });
  });

  it('wait for a row that is locked, and then see what became of it', async () => {
    await stocked(delivered('A', 1));
    let loaded: () => void = () => {};
    const bothLoaded = new Promise<void>((resolve) => {
      loaded = resolve;
    });
    const first = database.transaction(async (db) => {
      const world = await load(db, [created(uuid(1), one('A'))]);
      loaded();
      await untilSomebodyWaits();
      const { events } = take(world, created(uuid(1), one('A')));
      await save(db, world);
      return events;
    });
    await bothLoaded;
    const second = await react(created(uuid(2), one('A')));
    expect(names(await first)).toEqual(['StockReserved']);
    expect(names(second.events)).toEqual(['StockReservationFailed']);
  });
});

async function untilSomebodyWaits(): Promise<void> {
  const waiting = `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`;
  while ((await database.pool.query(waiting)).rowCount === 0)
    await new Promise((resolve) => setImmediate(resolve));
}

describe('the books', () => {
  it('are kept by the database, too: what does not add up is not written', async () => {
    await stocked(delivered('A', 5));
    const { pool } = database;
    await expect(pool.query('UPDATE stock SET on_hand = on_hand - 1')).rejects.toThrow('stock_is_conserved');
    await expect(pool.query('UPDATE stock SET on_hand = -1, received = -1')).rejects.toThrow(
      'stock_on_hand_check',
    );
  });

  it('count every change of a row', async () => {
    await stocked(delivered('A', 5));
    await react(countStock('A', 7));
    await react(created(uuid(1), one('A', 2)));
    expect((await database.pool.query('SELECT received, version FROM stock')).rows).toEqual([
      { received: 7, version: 3 },
    ]);
  });
});

describe('the opening', () => {
  it('stocks the house once', async () => {
    const open = command('ListCatalogue', 'catalogue', null);
    expect((await react(open)).replies).toEqual([1000]);
    await react(countStock('SKU-1000', 3));
    expect((await react(open)).replies).toEqual([0]);
    expect(await findStock(database.db, 'SKU-1000')).toEqual({
      sku: 'SKU-1000',
      onHand: 3,
      reserved: 0,
      shipped: 0,
      received: 3,
    });
  });

  it('is listed page by page, in order', async () => {
    await react(command('ListCatalogue', 'catalogue', null));
    const first = await listStock(database.db, '', 600);
    const second = await listStock(database.db, first.at(-1)?.sku ?? '', 600);
    expect([first.length, second.length]).toEqual([600, 400]);
    expect(second[0]?.sku).toBe('SKU-0601');
  });
});

describe('what the statements cost', () => {
  it('does not grow with the table, even when it was small as they were planned', async () => {
    const texts: string[] = [];
    const recorder: Queryable = {
      query(statement) {
        texts.push(typeof statement === 'string' ? statement : statement.text);
        return Promise.resolve([]);
      },
    };
    await load(recorder, [created(uuid(1), one('A'))]);
    await stocked(delivered('A', 5));
    await react(created(uuid(1), one('A')));
    await database.pool.query('ANALYZE');
    const plans = await database.transaction((db) => explain(db, texts));
    expect(plans).toHaveLength(2);
    for (const plan of plans) expect(plan).toMatch(/Index (Only )?Scan.*(reservations|stock)_pkey/);
  });
});

/** The plans that statements get for whatever they are asked, as prepared ones do after a few times. */
async function explain(db: Queryable, texts: readonly string[]): Promise<string[]> {
  await db.query('SET LOCAL plan_cache_mode = force_generic_plan');
  const plans: string[] = [];
  for (const [i, text] of texts.entries()) {
    await db.query(`PREPARE explained_${i} AS ${text}`);
    const values = [...new Set(text.match(/\$\d+/g))].map(() => "'{}'");
    plans.push(JSON.stringify(await db.query(`EXPLAIN EXECUTE explained_${i} (${values.join(', ')})`)));
  }
  return plans;
}
