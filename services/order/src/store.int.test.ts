import { type CommandInput, type EventInput, type Input, newId, type Queryable } from '@skald/messaging';
import { createTestDatabase, type TestDatabase } from '@skald/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { createCatalogue } from './catalogue.ts';
import { forgetOldKeys } from './claims.ts';
import type { PlaceOrder } from './order.ts';
import { orderExists, overdueOrders, readOrder, readPage } from './queries.ts';
import { decide } from './saga.ts';
import { load, save } from './store.ts';
import { evolve } from './world.ts';

const DEADLINE_MS = 60_000;
const start = 1_750_000_000_000;
const price = { amount: 1_299, currency: 'EUR' };
let database: TestDatabase;
let db: Queryable;
let now: number;

beforeAll(async () => {
  database = await createTestDatabase(
    inject('infrastructure'),
    new URL('../migrations/001_orders.sql', import.meta.url),
    new URL('../migrations/002_products_saved_by.sql', import.meta.url),
  );
  db = database.db;
});
beforeEach(async () => {
  now = start;
  await db.query('TRUNCATE order_events, orders, order_contacts, order_history, products, idempotency_keys');
});
afterAll(() => database.stop());

/** Load, decide, save in one transaction, as the kernel does. @returns the replies. */
function react(...inputs: Input[]): Promise<unknown[]> {
  return database.transaction((tx) => reactIn(tx, inputs));
}

async function reactIn(tx: Queryable, inputs: readonly Input[]): Promise<unknown[]> {
  const world = await load(tx, inputs);
  const replies = inputs.map((input) => {
    const decision = decide(world, input, { now, newId });
    if (decision.outcome !== 'ignore') evolve(world, decision.change);
    return decision.reply;
  });
  await save(tx, world, DEADLINE_MS);
  return replies;
}

const arrival = (key: string) => ({ key, time: now, id: newId(), correlationId: `of ${key}` });

function placing(change: Partial<PlaceOrder> = {}, key = newId()): CommandInput<'PlaceOrder', PlaceOrder> {
  const data: PlaceOrder = {
    customerId: 'c-42',
    lines: [{ sku: 'SKU-0001', name: 'A "lamp", \\ {ä}', quantity: 2, unitPrice: price }],
    total: { amount: 2_598, currency: 'EUR' },
    paymentMethod: 'tok_visa',
    contact: {
      name: 'Ada',
      street: 'Main 1',
      postalCode: '10115',
      city: 'Berlin',
      country: 'DE',
      email: 'a@b.example',
    },
    idempotencyKey: key,
    fingerprint: 'f',
    ...change,
  };
  return { ...arrival(key), kind: 'command', name: 'PlaceOrder', data };
}

const cancelling = (key: string): CommandInput => ({
  ...arrival(key),
  kind: 'command',
  name: 'CancelOrder',
  data: null,
});

function happened<Name extends 'StockReserved' | 'PaymentFailed' | 'ShipmentScheduled'>(
  name: Name,
  orderId: string,
): EventInput {
  const data = {
    StockReserved: { orderId, lines: [], reservedAt: now },
    PaymentFailed: { orderId, paymentId: newId(), code: 'card_declined', failedAt: now },
    ShipmentScheduled: {
      orderId,
      shipmentId: newId(),
      carrier: 'DHL',
      trackingNumber: 'T1',
      promisedDate: '2026-01-31',
      serviceLevel: null,
      scheduledAt: now,
    },
  }[name];
  return { ...arrival(orderId), kind: 'event', name, sequence: 1, data } as EventInput;
}

const listed = (sku: string, amount: number, sequence: number): EventInput<'ProductListed'> => ({
  ...arrival(sku),
  kind: 'event',
  name: 'ProductListed',
  sequence,
  data: { sku, name: `Product ${sku}`, unitPrice: { amount, currency: 'EUR' }, listedAt: now },
});

async function place(change: Partial<PlaceOrder> = {}): Promise<string> {
  const input = placing(change);
  await react(input);
  return input.key;
}

async function statusOf(orderId: string): Promise<unknown> {
  return (await readOrder(db, orderId))?.order;
}

describe('an order', () => {
  it('is read as it was placed', async () => {
    const orderId = await place();
    expect(await statusOf(orderId)).toMatchObject({
      status: 'pending',
      version: 1,
      created: {
        orderId,
        createdAt: start,
        lines: [{ name: 'A "lamp", \\ {ä}', quantity: 2, unitPrice: price }],
      },
    });
    expect(await orderExists(db, orderId)).toBe(true);
    expect(await orderExists(db, newId())).toBe(false);
    expect(await readOrder(db, newId())).toBeUndefined();
  });

  it('tells its story in the order of time, its own events and those of others', async () => {
    const orderId = await place();
    now += 10;
    await react(happened('StockReserved', orderId));
    now += 10;
    await react(happened('PaymentFailed', orderId));
    now += 10;
    await react(happened('ShipmentScheduled', orderId));
    expect((await readOrder(db, orderId))?.story).toMatchObject([
      { name: 'OrderCreated', topic: 'orders.events', sequence: 1, at: new Date(start), ignored: null },
      {
        name: 'StockReserved',
        topic: 'inventory.events',
        sequence: 1,
        at: new Date(start + 10),
        ignored: null,
      },
      { name: 'PaymentFailed', topic: 'payments.events', sequence: 1 },
      { name: 'OrderCancelled', topic: 'orders.events', sequence: 2 },
      {
        name: 'ShipmentScheduled',
        at: new Date(start + 30),
        ignored: expect.stringContaining('cancelled before'),
      },
    ]);
  });

  it('of a batch gets its own state and contact, and each goes its own way', async () => {
    const ids = [await place(), await place(), await place()] as const;
    const replies = await react(
      happened('ShipmentScheduled', ids[0]),
      cancelling(ids[1]),
      happened('StockReserved', ids[2]),
    );
    expect(replies[1]).toEqual({ result: 'cancelled', version: 2 });
    expect(await Promise.all(ids.map(statusOf))).toMatchObject([
      { status: 'confirmed', version: 2 },
      { status: 'cancelled', version: 2, reason: 'CANCELLED_BY_CUSTOMER' },
      { status: 'pending', version: 1 },
    ]);
  });

  it('placed and cancelled in one batch is one row, cancelled', async () => {
    const input = placing();
    await react(input, cancelling(input.key));
    const { rows } = await readPage(db, { limit: 10 });
    expect(rows).toMatchObject([
      { order_id: input.key, status: 'CANCELLED', reason: 'CANCELLED_BY_CUSTOMER', version: 2 },
    ]);
  });

  it('is never written at the same version twice', async () => {
    const orderId = await place();
    const stale = await load(db, [cancelling(orderId)]);
    await react(happened('ShipmentScheduled', orderId));
    const decision = decide(stale, cancelling(orderId), { now, newId });
    if (decision.outcome !== 'ignore') evolve(stale, decision.change);
    await expect(save(db, stale, DEADLINE_MS)).rejects.toThrow('order_events_pkey');
  });
});

describe('an Idempotency-Key', () => {
  it('gets the same order again, and another body is refused', async () => {
    const orderId = await place({ idempotencyKey: 'k' });
    const replies = await react(
      placing({ idempotencyKey: 'k' }),
      placing({ idempotencyKey: 'k', fingerprint: 'g' }),
      placing({ idempotencyKey: 'k', customerId: 'c-43' }),
    );
    expect(replies).toMatchObject([
      { result: 'placed', orderId },
      { result: 'key-reused' },
      { result: 'placed' },
    ]);
    expect((await readPage(db, { limit: 10 })).rows).toHaveLength(2);
  });

  it('used by many instances at once makes one order, and all hear of it', async () => {
    const batches = Array.from({ length: 12 }, (_, i) =>
      // Turned half of the time: batches that lock the same keys must not lock each other out.
      (i % 2 === 0 ? ['a', 'b', 'c'] : ['c', 'b', 'a']).map((idempotencyKey) => placing({ idempotencyKey })),
    );
    const replies = await Promise.all(batches.map((batch) => react(...batch)));
    const ids = new Set(replies.flat().map((reply) => (reply as { orderId: string }).orderId));
    expect(ids.size).toBe(3);
    const { rows } = await readPage(db, { limit: 100 });
    expect(new Set(rows.map((row) => row.order_id))).toEqual(ids);
  });

  it('is forgotten after a day and an hour, in steps', async () => {
    for (const key of ['a', 'b', 'c', 'd']) await place({ idempotencyKey: key });
    const aged =
      "UPDATE idempotency_keys SET created_at = now() - interval '25 hours 1 minute' WHERE key <> 'd'";
    await db.query(aged);
    expect([await forgetOldKeys(db, 2), await forgetOldKeys(db, 2), await forgetOldKeys(db, 2)]).toEqual([
      2, 1, 0,
    ]);
    expect(await db.query('SELECT key FROM idempotency_keys')).toEqual([{ key: 'd' }]);
  });
});

describe('a page', () => {
  it('follows on the one before, newest first, each order once', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 7; i++) ids.push(await place());
    const seen: string[] = [];
    let cursor: string | null | undefined;
    do {
      const page = await readPage(db, { limit: 3, cursor: cursor ?? undefined });
      seen.push(...page.rows.map((row) => row.order_id));
      cursor = page.nextCursor;
      // An order that comes while one leafs doesn't disturb the pages behind.
      await place();
    } while (cursor !== null);
    expect(seen).toEqual(ids.toReversed());
  });

  it('shows a status, a customer, or both', async () => {
    const [mine, yours] = [await place({ customerId: 'me' }), await place({ customerId: 'you' })];
    const cancelled = await place({ customerId: 'me' });
    await react(cancelling(cancelled));
    const idsOf = async (filter: Omit<Parameters<typeof readPage>[1], 'limit'>) =>
      (await readPage(db, { ...filter, limit: 10 })).rows.map((row) => row.order_id);
    expect(await idsOf({ customerId: 'me' })).toEqual([cancelled, mine]);
    expect(await idsOf({ status: 'PENDING' })).toEqual([yours, mine]);
    expect(await idsOf({ status: 'CANCELLED', customerId: 'me' })).toEqual([cancelled]);
    expect(await idsOf({ status: 'CANCELLED', customerId: 'you' })).toEqual([]);
  });
});

it('only orders that are pending beyond their deadline are overdue', async () => {
  const [late, ended] = [await place(), await place()];
  await react(happened('ShipmentScheduled', ended));
  now += 1;
  await place();
  expect(await overdueOrders(db, start + DEADLINE_MS - 1)).toEqual([]);
  expect(await overdueOrders(db, start + DEADLINE_MS)).toEqual([
    { name: 'DeadlinePassed', key: late, data: null, correlationId: `of ${late}` },
  ]);
});

describe('the catalogue', () => {
  it('is never overwritten by an older listing, and a second instance sees it', async () => {
    const other = createCatalogue();
    await react(listed('A', 200, 2), listed('B', 100, 1));
    await react(listed('A', 100, 1), listed('B', 200, 2));
    await other.refresh(db);
    expect([other.productOf('A'), other.productOf('B')]).toMatchObject([
      { unitPrice: { amount: 200 } },
      { unitPrice: { amount: 200 } },
    ]);
  });

  it('is read anew only as far as it changed, by whichever transaction commits last', async () => {
    const other = createCatalogue();
    const read: unknown[] = [];
    const watched: Queryable = {
      query: async (...query: Parameters<Queryable['query']>) => {
        const rows = await db.query(...query);
        read.push(...rows);
        return rows as never;
      },
    };
    await react(listed('A', 100, 1));
    await database.transaction(async (slow) => {
      await slow.query('SELECT pg_current_xact_id()');
      await react(listed('B', 100, 1));
      await other.refresh(watched);
      await reactIn(slow, [listed('C', 100, 1)]);
    });
    await other.refresh(watched);
    expect([other.productOf('B'), other.productOf('C')]).toMatchObject([
      { name: 'Product B' },
      { name: 'Product C' },
    ]);
    read.length = 0;
    await other.refresh(watched);
    expect(read).toEqual([expect.objectContaining({ sku: null })]);
    await react(listed('A', 200, 2));
    await other.refresh(watched);
    expect(other.productOf('A')).toMatchObject({ unitPrice: { amount: 200 } });
  });

  it('is looked up in the database where this instance was not told', async () => {
    const catalogue = createCatalogue();
    await catalogue.refresh(db);
    await react(listed('A', 100, 1));
    await catalogue.lookUp(db, ['A', 'none']);
    expect(catalogue.productOf('A')).toMatchObject({ name: 'Product A' });
    expect(catalogue.productOf('none')).toBeUndefined();
    expect(catalogue.size).toBe(1);
  });
});
