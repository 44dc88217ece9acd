import { randomUUID } from 'node:crypto';
import { isUnserviceable } from '../shop.ts';
import { type Handler, runTutorialService } from './service.ts';

const schema = `
  CREATE TABLE IF NOT EXISTS shipments (
    order_id uuid PRIMARY KEY,
    tracking_number text NOT NULL,
    address jsonb NOT NULL,
    status text NOT NULL
  );
`;

const book: Handler = async (db, { order }) => {
  if (isUnserviceable(order)) {
    return [{ type: 'ShipmentFailed', order, reason: 'the address cannot be served' }];
  }
  await db.query(
    `INSERT INTO shipments (order_id, tracking_number, address, status) VALUES ($1, $2, $3, 'SCHEDULED')`,
    [order.orderId, randomUUID(), order.shippingAddress],
  );
  return [{ type: 'ShipmentScheduled', order }];
};

const dispatch: Handler = async (db, { order }) => {
  await db.query(`UPDATE shipments SET status = 'DISPATCHED' WHERE order_id = $1`, [order.orderId]);
  return [{ type: 'ShipmentDispatched', order }];
};

const callOff: Handler = async (db, { order }) => {
  const cancelled = await db.query(
    `UPDATE shipments SET status = 'CANCELLED' WHERE order_id = $1 AND status = 'SCHEDULED'`,
    [order.orderId],
  );
  return cancelled.rowCount === 0 ? [] : [{ type: 'ShipmentCancelled', order }];
};

await runTutorialService({
  name: 'shipping',
  schema,
  consumes: ['order', 'payment'],
  handlers: { PaymentCompleted: book, OrderConfirmed: dispatch, OrderCancelled: callOff },
});
