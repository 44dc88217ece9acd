import type { OrderRequest } from '@skald/testkit';
import type { FastifyInstance } from 'fastify';
import { type Order, orderRequestSchema, priceOrder, productsSchema } from '../shop.ts';
import { array, type Database, type Statement, saveRows } from './database.ts';
import { type NewSketchEvent, newId, type Recipient } from './events.ts';
import { createGathering } from './gathering.ts';
import { type EntryRow, type Outbox, pack } from './outbox.ts';
import { runSketchService } from './service.ts';
import { restMs } from './turns.ts';

/** With room on each page for the row's second version: so its index needs no new entry. */
const schema = `
  ${productsSchema}
  CREATE TABLE IF NOT EXISTS orders (
    id uuid PRIMARY KEY,
    status text NOT NULL,
    reason text,
    email text NOT NULL,
    name text NOT NULL,
    data text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
  ) WITH (fillfactor = 50);
`;

const prices: Statement = { name: 'prices', text: 'SELECT sku, unit_price AS price FROM products' };
/** A transaction of its own: one statement needs no BEGIN and no COMMIT. */
const accept: Statement = {
  name: 'orders-accept',
  text: `WITH accepted AS (
           INSERT INTO orders (id, status, email, name, data)
           SELECT id, 'PENDING', email, name, data
           FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) AS o (id, email, name, data)
         )
         INSERT INTO outbox (entry) VALUES ($5) RETURNING id`,
};
const find: Statement = {
  name: 'orders-find',
  text: 'SELECT id, status, email, name FROM orders WHERE id = ANY ($1::uuid[])',
};
const update: Statement = {
  name: 'orders-update',
  text: `UPDATE orders SET status = u.status, reason = u.reason
         FROM unnest($1::uuid[], $2::text[], $3::text[]) AS u (id, status, reason) WHERE orders.id = u.id`,
};
const show: Statement = { name: 'orders-show', text: 'SELECT * FROM orders WHERE id = $1' };

interface OrderState extends Recipient {
  readonly id: string;
  status: 'PENDING' | 'CONFIRMED' | 'CANCELLED';
  reason?: string;
}

interface World {
  readonly orders: ReadonlyMap<string, OrderState>;
  readonly changed: OrderState[];
}

const created = ({
  orderId,
  items,
  total,
  paymentMethod,
  shippingAddress,
  email,
}: Order): NewSketchEvent => ({
  type: 'OrderCreated',
  orderId,
  items,
  total,
  paymentMethod,
  shippingAddress,
  email,
});

/** Orders that arrive while a transaction is under way share the next. */
const createIntake = (db: Database, outbox: Outbox) =>
  createGathering<Order>({
    restMs,
    work: async (orders) => {
      const entry = pack(orders.map(created));
      const rows = await db.query<EntryRow>(accept, [
        array(orders.map(({ orderId }) => orderId)),
        array(orders.map(({ email }) => email)),
        array(orders.map(({ shippingAddress }) => shippingAddress.name)),
        array(orders.map((order) => JSON.stringify(order))),
        entry.text,
      ]);
      outbox.send(rows, entry);
    },
  });

async function routes(app: FastifyInstance, db: Database, outbox: Outbox): Promise<void> {
  const products = await db.query<{ sku: string; price: number }>(prices);
  const priceOf = new Map(products.map(({ sku, price }) => [sku, price]));
  const take = createIntake(db, outbox);
  const schemas = { schema: { body: orderRequestSchema } };
  app.post<{ Body: OrderRequest }>('/orders', schemas, async (request, reply) => {
    const order = priceOrder(request.body, newId(), priceOf);
    if (order === undefined) return reply.code(422).send({ title: 'Unknown SKU' });
    await take(order);
    return reply.code(202).send({ orderId: order.orderId, status: 'PENDING' });
  });
  app.get<{ Params: { id: string } }>('/orders/:id', async (request, reply) => {
    const [order] = await db.query(show, [request.params.id]);
    return order ?? reply.code(404).send({ title: 'No such order' });
  });
}

/** An order ends once. */
function end(
  { orders, changed }: World,
  orderId: string,
  type: 'OrderConfirmed' | 'OrderCancelled',
  reason?: string,
): NewSketchEvent | undefined {
  const order = orders.get(orderId);
  if (order?.status !== 'PENDING') return undefined;
  order.status = type === 'OrderConfirmed' ? 'CONFIRMED' : 'CANCELLED';
  if (reason !== undefined) order.reason = reason;
  changed.push(order);
  return { type, orderId, email: order.email, name: order.name };
}

await runSketchService<World>({
  name: 'order',
  schema,
  routes,
  consumes: ['inventory', 'payment', 'shipping'],
  reads: ['ShipmentScheduled', 'StockReservationFailed', 'PaymentFailed', 'ShipmentFailed'],
  load: async (db, events) => {
    const orders = await db.query<OrderState>(find, [array(events.map(({ orderId }) => orderId))]);
    return { orders: new Map(orders.map((order) => [order.id, order])), changed: [] };
  },
  decide: (world, { type, orderId }) =>
    type === 'ShipmentScheduled'
      ? end(world, orderId, 'OrderConfirmed')
      : end(world, orderId, 'OrderCancelled', type),
  save: (db, { changed }) =>
    saveRows(
      db,
      update,
      changed.map(({ id, status, reason }) => [id, status, reason ?? null]),
    ),
});
