import type { Input, Queryable, Statement } from '@skald/messaging';
import { claim } from './claims.ts';
import { evolve, initialState, isOrderId, type Order, type OrderEvent } from './order.ts';
import { needsOrder } from './saga.ts';
import { emptyWorld, type World } from './world.ts';

const loadEvents: Statement = {
  name: 'order-load-events',
  text: `SELECT order_id, name, data FROM order_events WHERE order_id = ANY ($1::uuid[]) ORDER BY order_id, version`,
};

const loadContacts: Statement = {
  name: 'order-load-contacts',
  text: 'SELECT order_id, email, name FROM order_contacts WHERE order_id = ANY ($1::uuid[])',
};

// All data in one JSON array: in an array of Postgres each would be escaped, and parsed by itself.
const saveEvents: Statement = {
  name: 'order-save-events',
  text: `INSERT INTO order_events (order_id, version, name, at, data)
    SELECT order_id, version, name, to_timestamp(at / 1000), data
    FROM ROWS FROM (unnest($1::uuid[], $2::int[], $3::text[], $4::float8[]), jsonb_array_elements($5::jsonb))
      AS t (order_id, version, name, at, data)`,
};

const saveOrders: Statement = {
  name: 'order-save-orders',
  text: `INSERT INTO orders (order_id, customer_id, status, reason, total_amount, currency, version, created_at,
      deadline_at, correlation_id)
    SELECT order_id, customer_id, status, reason, total_amount, currency, version, to_timestamp(created_at / 1000),
      to_timestamp(deadline_at / 1000), correlation_id
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::int[], $8::float8[],
      $9::float8[], $10::text[]) AS t (order_id, customer_id, status, reason, total_amount, currency, version,
      created_at, deadline_at, correlation_id)
    ON CONFLICT (order_id) DO UPDATE
    SET status = excluded.status, reason = excluded.reason, version = excluded.version`,
};

const saveContacts: Statement = {
  name: 'order-save-contacts',
  text: `INSERT INTO order_contacts (order_id, email, name)
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[])`,
};

const saveHistory: Statement = {
  name: 'order-save-history',
  text: `INSERT INTO order_history (order_id, topic, sequence, name, at, ignored)
    SELECT order_id, topic, sequence, name, to_timestamp(at / 1000), ignored
    FROM unnest($1::uuid[], $2::text[], $3::int[], $4::text[], $5::float8[], $6::text[])
      AS t (order_id, topic, sequence, name, at, ignored)`,
};

const saveProducts: Statement = {
  name: 'order-save-products',
  text: `INSERT INTO products (sku, name, unit_price, currency, sequence)
    SELECT sku, name, unit_price, currency, sequence
    FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::int[])
      AS t (sku, name, unit_price, currency, sequence)
    ORDER BY sku
    ON CONFLICT (sku) DO UPDATE
    SET name = excluded.name, unit_price = excluded.unit_price, currency = excluded.currency,
      sequence = excluded.sequence, saved_by = excluded.saved_by
    WHERE products.sequence < excluded.sequence`,
};

/** Load what the batch's inputs need: nothing at all for those that only go into the history. */
export async function load(db: Queryable, inputs: readonly Input[]): Promise<World> {
  const ids = [
    ...new Set(inputs.filter((input) => needsOrder(input) && isOrderId(input.key)).map(({ key }) => key)),
  ];
  const claiming = claim(db, inputs);
  if (ids.length === 0) return emptyWorld(await claiming);
  const [claims, events, contacts] = await Promise.all([
    claiming,
    db.query<EventRow>(loadEvents, [ids]),
    db.query<{ order_id: string; email: string; name: string }>(loadContacts, [ids]),
  ]);
  const world = emptyWorld(claims);
  for (const [id, order] of foldAll(events)) world.orders.set(id, order);
  for (const { order_id, email, name } of contacts) world.contacts.set(order_id, { email, name });
  return world;
}

export interface EventRow {
  readonly order_id: string;
  readonly name: OrderEvent['name'];
  readonly data: OrderEvent['data'];
}

/** Rows in the order of their versions → the state of each order. */
export function foldAll(rows: readonly EventRow[]): Map<string, Order> {
  const orders = new Map<string, Order>();
  for (const { order_id, name, data } of rows) {
    orders.set(order_id, evolve(orders.get(order_id) ?? initialState, { name, data } as OrderEvent));
  }
  return orders;
}

/** Write what changed: one statement a table, none where there is nothing. `deadlineMs`: how long an order may be pending. */
export async function save(db: Queryable, world: World, deadlineMs: number): Promise<void> {
  await Promise.all([
    insertEvents(db, world),
    upsertOrders(db, world, deadlineMs),
    insertContacts(db, world),
    insertHistory(db, world),
    upsertProducts(db, world),
  ]);
}

async function insertEvents(db: Queryable, { events }: World): Promise<void> {
  if (events.length === 0) return;
  await db.query(saveEvents, [
    events.map(({ orderId }) => orderId),
    events.map(({ version }) => version),
    events.map(({ event }) => event.name),
    events.map(({ at }) => at),
    JSON.stringify(events.map(({ event }) => event.data)),
  ]);
}

const statusNames = { pending: 'PENDING', confirmed: 'CONFIRMED', cancelled: 'CANCELLED' } as const;

async function upsertOrders(db: Queryable, world: World, deadlineMs: number): Promise<void> {
  const rows = [...world.changed].flatMap((id) => {
    const order = world.orders.get(id);
    return order && order.status !== 'none' ? [order] : [];
  });
  if (rows.length === 0) return;
  const created = rows.map((order) => order.created);
  await db.query(saveOrders, [
    created.map(({ orderId }) => orderId),
    created.map(({ customerId }) => customerId),
    rows.map(({ status }) => statusNames[status]),
    rows.map((order) => (order.status === 'cancelled' ? order.reason : null)),
    created.map(({ total }) => total.amount),
    created.map(({ total }) => total.currency),
    rows.map(({ version }) => version),
    created.map(({ createdAt }) => createdAt),
    created.map(({ createdAt }) => createdAt + deadlineMs),
    // Only a new row takes it: an existing one keeps its own.
    created.map(({ orderId }) => world.placed.get(orderId) ?? ''),
  ]);
}

async function insertContacts(db: Queryable, { placed, contacts }: World): Promise<void> {
  if (placed.size === 0) return;
  const ids = [...placed.keys()];
  await db.query(saveContacts, [
    ids,
    ids.map((id) => contacts.get(id)?.email),
    ids.map((id) => contacts.get(id)?.name),
  ]);
}

async function insertHistory(db: Queryable, { history }: World): Promise<void> {
  if (history.length === 0) return;
  await db.query(saveHistory, [
    history.map(({ orderId }) => orderId),
    history.map(({ topic }) => topic),
    history.map(({ sequence }) => sequence),
    history.map(({ name }) => name),
    history.map(({ at }) => at),
    history.map(({ ignored }) => ignored),
  ]);
}

async function upsertProducts(db: Queryable, world: World): Promise<void> {
  if (world.products.size === 0) return;
  const products = [...world.products.values()];
  await db.query(saveProducts, [
    products.map(({ sku }) => sku),
    products.map(({ name }) => name),
    products.map(({ unitPrice }) => unitPrice.amount),
    products.map(({ unitPrice }) => unitPrice.currency),
    products.map(({ sequence }) => sequence),
  ]);
}
