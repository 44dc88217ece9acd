import { chargeCard, paymentsSchema } from '../shop.ts';
import { array, type Statement, saveRows } from './database.ts';
import { runSketchService } from './service.ts';

const find: Statement = {
  name: 'payments-find',
  text: 'SELECT order_id AS "orderId", status FROM payments WHERE order_id = ANY ($1::uuid[])',
};
const insert: Statement = {
  name: 'payments-insert',
  text: 'INSERT INTO payments SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[])',
};
const refund: Statement = {
  name: 'payments-refund',
  text: `UPDATE payments SET status = 'REFUNDED' WHERE order_id = ANY ($1::uuid[])`,
};

interface World {
  readonly completed: ReadonlySet<string>;
  /** As the columns of the table. */
  readonly charged: [orderId: string, chargeId: string | null, total: number, status: string][];
  readonly refunded: string[];
}

interface Row {
  readonly orderId: string;
  readonly status: string;
}

await runSketchService<World>({
  name: 'payment',
  schema: paymentsSchema,
  consumes: ['order', 'inventory'],
  reads: ['StockReserved', 'OrderCancelled'],
  load: async (db, events) => {
    const cancelled = events.flatMap(({ type, orderId }) => (type === 'OrderCancelled' ? [orderId] : []));
    const rows = cancelled.length === 0 ? [] : await db.query<Row>(find, [array(cancelled)]);
    const completed = rows.filter(({ status }) => status === 'COMPLETED').map(({ orderId }) => orderId);
    return { completed: new Set(completed), charged: [], refunded: [] };
  },
  decide: ({ completed, charged, refunded }, event) => {
    const { orderId } = event;
    if (event.type === 'StockReserved') {
      const { total, paymentMethod, shippingAddress } = event;
      const chargeId = chargeCard(paymentMethod);
      charged.push([orderId, chargeId ?? null, total, chargeId === undefined ? 'FAILED' : 'COMPLETED']);
      if (chargeId === undefined) return { type: 'PaymentFailed', orderId };
      return { type: 'PaymentCompleted', orderId, shippingAddress };
    }
    if (!completed.has(orderId)) return undefined;
    refunded.push(orderId);
    return { type: 'PaymentRefunded', orderId };
  },
  save: (db, { charged, refunded }) => [
    ...saveRows(db, insert, charged),
    ...saveRows(
      db,
      refund,
      refunded.map((orderId) => [orderId]),
    ),
  ],
});
