import type { FastifyInstance } from 'fastify';
import type pg from 'pg';
import type { StockLevel } from '../contender.ts';
import { addStockRoute, createStockSchema, type Order, stockOfSku } from '../shop.ts';
import { type Handler, runTutorialService } from './service.ts';

const schema = `
  ${createStockSchema()}
  CREATE TABLE IF NOT EXISTS reservations (order_id uuid PRIMARY KEY, status text NOT NULL, items jsonb NOT NULL);
`;

/** In the order of the SKUs, so that two orders can't lock each other out. */
const sorted = (order: Order): Order['items'] =>
  [...order.items].sort((left, right) => (left.sku < right.sku ? -1 : 1));

const reserve: Handler = async (db, { order }) => {
  await db.query('SAVEPOINT reservation');
  for (const { sku, quantity } of sorted(order)) {
    const taken = await db.query(
      'UPDATE stock SET on_hand = on_hand - $2, reserved = reserved + $2 WHERE sku = $1 AND on_hand >= $2',
      [sku, quantity],
    );
    if (taken.rowCount === 0) {
      await db.query('ROLLBACK TO SAVEPOINT reservation');
      return [{ type: 'StockReservationFailed', order, reason: `${sku} is out of stock` }];
    }
  }
  await db.query(`INSERT INTO reservations (order_id, status, items) VALUES ($1, 'RESERVED', $2)`, [
    order.orderId,
    JSON.stringify(order.items),
  ]);
  return [{ type: 'StockReserved', order }];
};

const finish =
  (status: 'SHIPPED' | 'RELEASED', type: 'StockShipped' | 'StockReleased'): Handler =>
  async (db, { order }) => {
    const updated = await db.query(
      `UPDATE reservations SET status = $2 WHERE order_id = $1 AND status = 'RESERVED'`,
      [order.orderId, status],
    );
    if (updated.rowCount === 0) return [];
    const column = status === 'SHIPPED' ? 'shipped' : 'on_hand';
    for (const { sku, quantity } of sorted(order)) {
      await db.query(`UPDATE stock SET reserved = reserved - $2, ${column} = ${column} + $2 WHERE sku = $1`, [
        sku,
        quantity,
      ]);
    }
    return [{ type, order }];
  };

function routes(app: FastifyInstance, pool: pg.Pool): void {
  addStockRoute(app, async (sku) => (await pool.query<StockLevel>(stockOfSku, [sku])).rows[0]);
}

await runTutorialService({
  name: 'inventory',
  schema,
  routes,
  consumes: ['order'],
  handlers: {
    OrderCreated: reserve,
    OrderConfirmed: finish('SHIPPED', 'StockShipped'),
    OrderCancelled: finish('RELEASED', 'StockReleased'),
  },
});
