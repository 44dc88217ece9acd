import { renderMail } from '../shop.ts';
import { type Statement, saveRows } from './database.ts';
import { runSketchService } from './service.ts';

const schema = `
  CREATE TABLE IF NOT EXISTS mails (order_id uuid NOT NULL, template text NOT NULL, sent_at timestamptz NOT NULL DEFAULT now());
`;

const insert: Statement = {
  name: 'mails-insert',
  text: 'INSERT INTO mails (order_id, template) SELECT * FROM unnest($1::uuid[], $2::text[])',
};

interface Mail {
  readonly orderId: string;
  readonly template: string;
  readonly text: string;
}

await runSketchService<Mail[]>({
  name: 'email',
  schema,
  consumes: ['order'],
  reads: ['OrderCreated', 'OrderConfirmed', 'OrderCancelled'],
  load: async () => [],
  decide: (mails, event) => {
    const write = (name: string, email: string, template: string): void => {
      mails.push({ orderId: event.orderId, template, text: renderMail(email, name, template) });
    };
    if (event.type === 'OrderCreated') write(event.shippingAddress.name, event.email, 'order-confirmation');
    if (event.type === 'OrderConfirmed') write(event.name, event.email, 'shipment-scheduled');
    if (event.type === 'OrderCancelled') write(event.name, event.email, 'order-cancelled');
    return undefined;
  },
  // The texts are thrown away, as for every contender in a benchmark.
  save: (db, mails) =>
    saveRows(
      db,
      insert,
      mails.map(({ orderId, template }) => [orderId, template]),
    ),
});
