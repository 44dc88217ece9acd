import { renderMail } from '../shop.ts';
import { type Handler, runTutorialService } from './service.ts';

const schema = `
  CREATE TABLE IF NOT EXISTS mails (order_id uuid NOT NULL, template text NOT NULL, sent_at timestamptz NOT NULL DEFAULT now());
`;

const discard = async (_mail: string): Promise<void> => {};

const send =
  (template: string): Handler =>
  async (db, { order }) => {
    await discard(renderMail(order.email, order.shippingAddress.name, template));
    await db.query('INSERT INTO mails (order_id, template) VALUES ($1, $2)', [order.orderId, template]);
    return [];
  };

await runTutorialService({
  name: 'email',
  schema,
  consumes: ['order'],
  handlers: {
    OrderCreated: send('order-confirmation'),
    OrderConfirmed: send('shipment-scheduled'),
    OrderCancelled: send('order-cancelled'),
  },
});
