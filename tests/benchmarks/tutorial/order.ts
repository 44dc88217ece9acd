import { randomUUID } from 'node:crypto';
import type { OrderRequest } from '@skald/testkit';
import type { FastifyInstance } from 'fastify';
import type pg from 'pg';
import { type Order, orderRequestSchema, priceOrder, productsSchema } from '../shop.ts';
import { addToOutbox, type Handler, inTransaction, runTutorialService } from './service.ts';

const schema = `
  ${productsSchema}
  CREATE TABLE IF NOT EXISTS orders (
    id uuid PRIMARY KEY,
    customer_id text NOT NULL,
    status text NOT NULL,
    reason text,
    data jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
  );
`;

function routes(app: FastifyInstance, pool: pg.Pool): void {
  app.post<{ Body: OrderRequest }>(
    '/orders',
    { schema: { body: orderRequestSchema } },
    async (request, reply) => {
      const order = await price(pool, request.body);
      if (order === undefined) return reply.code(422).send({ title: 'Unknown SKU' });
      await inTransaction(pool, async (db) => {
        await db.query('INSERT INTO orders (id, customer_id, status, data) VALUES ($1, $2, $3, $4)', [
          order.orderId,
          order.customerId,
          'PENDING',
          order,
        ]);
        await addToOutbox(db, { type: 'OrderCreated', order });
      });
      return reply.code(202).send({ orderId: order.orderId, status: 'PENDING' });
    },
  );
  app.get<{ Params: { id: string } }>('/orders/:id', async (request, reply) => {
    const { rows } = await pool.query('SELECT * FROM orders WHERE id = $1', [request.params.id]);
    return rows[0] ?? reply.code(404).send({ title: 'No such order' });
  });
}

async function price(pool: pg.Pool, request: OrderRequest): Promise<Order | undefined> {
  const { rows } = await pool.query<{ sku: string; unit_price: number }>(
    'SELECT sku, unit_price FROM products WHERE sku = ANY($1)',
    [request.items.map((item) => item.sku)],
  );
  return priceOrder(request, randomUUID(), new Map(rows.map((row) => [row.sku, row.unit_price])));
}

const end =
  (status: 'CONFIRMED' | 'CANCELLED', type: 'OrderConfirmed' | 'OrderCancelled'): Handler =>
  async (db, { order, ...event }) => {
    const reason = type === 'OrderCancelled' ? event.type : undefined;
    const updated = await db.query(
      `UPDATE orders SET status = $2, reason = $3, updated_at = now() WHERE id = $1 AND status = 'PENDING'`,
      [order.orderId, status, reason],
    );
    if (updated.rowCount === 0) return [];
    return [{ type, order, ...(reason === undefined ? {} : { reason }) }];
  };

await runTutorialService({
  name: 'order',
  schema,
  routes,
  consumes: ['inventory', 'payment', 'shipping'],
  handlers: {
    ShipmentScheduled: end('CONFIRMED', 'OrderConfirmed'),
    StockReservationFailed: end('CANCELLED', 'OrderCancelled'),
    PaymentFailed: end('CANCELLED', 'OrderCancelled'),
    ShipmentFailed: end('CANCELLED', 'OrderCancelled'),
  },
});
