import { randomUUID } from 'node:crypto';
import { isUnserviceable, type Order } from '../shop.ts';
import { array, type Statement, saveRows } from './database.ts';
import { runSketchService } from './service.ts';

/** With room on each page for the row's second version. */
const schema = `
  CREATE TABLE IF NOT EXISTS shipments (
    order_id uuid PRIMARY KEY,
    tracking_number uuid NOT NULL,
    address text NOT NULL,
    status text NOT NULL
  ) WITH (fillfactor = 50);
`;

const find: Statement = {
  name: 'shipments-find',
  text: 'SELECT order_id AS "orderId", status FROM shipments WHERE order_id = ANY ($1::uuid[])',
};
const insert: Statement = {
  name: 'shipments-insert',
  text: `INSERT INTO shipments SELECT order_id, tracking_number, address, 'SCHEDULED'
         FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS s (order_id, tracking_number, address)`,
};
const update: Statement = {
  name: 'shipments-update',
  text: `UPDATE shipments SET status = u.status FROM unnest($1::uuid[], $2::text[]) AS u (order_id, status)
         WHERE shipments.order_id = u.order_id`,
};

interface Shipment {
  readonly orderId: string;
  status: 'SCHEDULED' | 'DISPATCHED' | 'CANCELLED';
}

interface World {
  readonly shipments: ReadonlyMap<string, Shipment>;
  readonly booked: { readonly orderId: string; readonly address: Order['shippingAddress'] }[];
  readonly changed: Shipment[];
}

await runSketchService<World>({
  name: 'shipping',
  schema,
  consumes: ['order', 'payment'],
  reads: ['PaymentCompleted', 'OrderConfirmed', 'OrderCancelled'],
  load: async (db, events) => {
    const ended = events.flatMap(({ type, orderId }) => (type === 'PaymentCompleted' ? [] : [orderId]));
    const shipments = ended.length === 0 ? [] : await db.query<Shipment>(find, [array(ended)]);
    return {
      shipments: new Map(shipments.map((shipment) => [shipment.orderId, shipment])),
      booked: [],
      changed: [],
    };
  },
  decide: ({ shipments, booked, changed }, event) => {
    const { type, orderId } = event;
    if (type === 'PaymentCompleted') {
      if (isUnserviceable(event)) return { type: 'ShipmentFailed', orderId };
      booked.push({ orderId, address: event.shippingAddress });
      return { type: 'ShipmentScheduled', orderId };
    }
    const shipment = shipments.get(orderId);
    if (shipment?.status !== 'SCHEDULED') return undefined;
    shipment.status = type === 'OrderConfirmed' ? 'DISPATCHED' : 'CANCELLED';
    changed.push(shipment);
    return { type: type === 'OrderConfirmed' ? 'ShipmentDispatched' : 'ShipmentCancelled', orderId };
  },
  save: (db, { booked, changed }) => [
    ...saveRows(
      db,
      insert,
      booked.map(({ orderId, address }) => [orderId, randomUUID(), JSON.stringify(address)]),
    ),
    ...saveRows(
      db,
      update,
      changed.map(({ orderId, status }) => [orderId, status]),
    ),
  ],
});
