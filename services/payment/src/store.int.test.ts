import type { Input, Queryable } from '@skald/messaging';
import { createTestDatabase, type TestDatabase } from '@skald/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { Payment } from './payment.ts';
import { reactor } from './saga.ts';
import { findPayment, load, save } from './store.ts';
import { createWorld, evolve } from './world.ts';

const orderIdOf = (number: number) => `01900000-0000-7000-8000-${String(number).padStart(12, '0')}`;
const paymentId = '01900000-0000-7000-8000-0000000000aa';
const orderId = orderIdOf(1);
const amount = { amount: 100_000_000_000, currency: 'EUR' };
const terms = { amount, paymentMethod: 'tok_visa' };
const charged = { ...terms, paymentId, chargeId: 'charge-1' };

const payments: readonly Payment[] = [
  { orderId, state: 'ordered', ...terms },
  { orderId, state: 'reserved' },
  { orderId, state: 'charging', ...terms, paymentId },
  { orderId, state: 'completed', ...charged },
  { orderId, state: 'failed', ...terms, paymentId, code: 'card_declined' },
  { orderId, state: 'cancelling', ...terms, paymentId },
  { orderId, state: 'refunding', ...charged },
  { orderId, state: 'refunded', ...charged, refundId: 'refund-1' },
  { orderId, state: 'cancelled' },
];

const arrival = { time: 1, id: 'id', correlationId: 'correlation', sequence: 1 } as const;
const created = (key: string): Input => ({
  ...arrival,
  kind: 'event',
  name: 'OrderCreated',
  key,
  data: { orderId: key, customerId: 'c', lines: [], total: amount, paymentMethod: 'tok_visa', createdAt: 1 },
});
const reserved = (key: string): Input => ({
  ...arrival,
  kind: 'event',
  name: 'StockReserved',
  key,
  data: { orderId: key, lines: [], reservedAt: 1 },
});
const answered = (key: string): Input => ({
  ...arrival,
  kind: 'outcome',
  name: 'charge',
  key,
  data: { status: 'charged', chargeId: `charge of ${key}` },
});

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase(
    inject('infrastructure'),
    new URL('../migrations/001_payments.sql', import.meta.url),
  );
});
beforeEach(() => database.pool.query('TRUNCATE payments'));
afterAll(() => database.stop());

async function keep(...kept: readonly Payment[]): Promise<void> {
  const world = createWorld();
  for (const payment of kept) evolve(world, payment);
  await save(database.db, world);
}

/** Load, decide, save in one transaction, as the kernel does. */
const react = (...inputs: readonly Input[]) =>
  database.transaction(async (db) => {
    const world = await load(db, inputs);
    for (const input of inputs) {
      const decision = reactor.decide(world, input, { now: 1, newId: () => paymentId });
      if (decision.outcome !== 'ignore') evolve(world, decision.change);
    }
    await save(db, world);
  });

describe('a payment', () => {
  it.each(payments)('that is $state comes back as it was', async (payment) => {
    await keep(payment);
    expect((await load(database.db, [answered(orderId)])).payments.get(orderId)).toEqual(payment);
    expect(await findPayment(database.db, orderId)).toEqual({ payment, updatedAt: expect.any(Date) });
  });

  it('goes from any state to any other', async () => {
    for (const payment of [...payments, ...payments.toReversed()]) {
      await keep(payment);
      expect((await findPayment(database.db, orderId))?.payment).toEqual(payment);
    }
  });

  it('is unknown until it is saved', async () => {
    expect(await findPayment(database.db, orderId)).toBeUndefined();
    expect((await load(database.db, [created(orderId)])).payments.size).toBe(0);
  });

  it('never rests in a state that says more than is known', async () => {
    const bare = { order_id: orderId, state: 'completed' };
    await expect(
      database.pool.query('INSERT INTO payments (order_id, state) VALUES ($1, $2)', [
        bare.order_id,
        bare.state,
      ]),
    ).rejects.toThrow(/terms_are_known|attempt_has_id|charge_has_number/);
  });
});

describe('a batch', () => {
  it('of several hundred orders is loaded and saved in one statement each, batch after batch', async () => {
    const ids = Array.from({ length: 500 }, (_, number) => orderIdOf(number));
    await react(...ids.map(created));
    await react(...ids.map(reserved));
    await react(...ids.map(answered));
    const { rows } = await database.pool.query(
      'SELECT state, count(*) AS orders FROM payments GROUP BY state',
    );
    expect(rows).toEqual([{ state: 'completed', orders: 500 }]);
  });

  it('of nonsense alone asks the database for nothing', async () => {
    const statements: unknown[] = [];
    const recorder: Queryable = {
      query(statement) {
        statements.push(statement);
        return Promise.resolve([]);
      },
    };
    await save(recorder, await load(recorder, [created('nonsense')]));
    expect(statements).toEqual([]);
  });
});

describe('the plan', () => {
  it('goes by the primary key, even before the planner knows the size of the table', async () => {
    const texts: string[] = [];
    const recorder: Queryable = {
      query(statement) {
        texts.push(typeof statement === 'string' ? statement : statement.text);
        return Promise.resolve([]);
      },
    };
    await load(recorder, [created(orderId)]);
    const client = await database.pool.connect();
    try {
      await client.query('SET plan_cache_mode = force_generic_plan');
      await client.query(`PREPARE explained AS ${texts[0]}`);
      const { rows } = await client.query(`EXPLAIN EXECUTE explained ('{}')`);
      expect(JSON.stringify(rows)).toContain('payments_pkey');
      expect(JSON.stringify(rows)).not.toContain('Seq Scan');
    } finally {
      client.release(true);
    }
  });
});
