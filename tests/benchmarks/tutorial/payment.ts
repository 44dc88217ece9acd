import { chargeCard, type Order, paymentsSchema } from '../shop.ts';
import { type Handler, runTutorialService } from './service.ts';

const callProvider = async (order: Order): Promise<string | undefined> => chargeCard(order.paymentMethod);

/** Called from within the transaction, as tutorials do: a crash after it charges twice. */
const charge: Handler = async (db, { order }) => {
  const chargeId = await callProvider(order);
  await db.query('INSERT INTO payments (order_id, charge_id, amount, status) VALUES ($1, $2, $3, $4)', [
    order.orderId,
    chargeId,
    order.total,
    chargeId === undefined ? 'FAILED' : 'COMPLETED',
  ]);
  return [{ type: chargeId === undefined ? 'PaymentFailed' : 'PaymentCompleted', order }];
};

const refund: Handler = async (db, { order }) => {
  const refunded = await db.query(
    `UPDATE payments SET status = 'REFUNDED' WHERE order_id = $1 AND status = 'COMPLETED'`,
    [order.orderId],
  );
  return refunded.rowCount === 0 ? [] : [{ type: 'PaymentRefunded', order }];
};

await runTutorialService({
  name: 'payment',
  schema: paymentsSchema,
  consumes: ['order', 'inventory'],
  handlers: { StockReserved: charge, OrderCancelled: refund },
});
