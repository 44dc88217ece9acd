import { topics } from '@skald/contracts';
import { z } from 'zod';
import type { Order } from './order.ts';
import type { OrderRow, Story } from './queries.ts';
import { statuses } from './request.ts';

const time = z.iso.datetime();
const minorUnits = z.int().describe('Minor units of the currency: cents');
const status = z.enum(statuses);
const version = z.int().describe('Number of its own events so far');
const reason = z
  .string()
  .optional()
  .describe(
    'OUT_OF_STOCK, PAYMENT_DECLINED, ADDRESS_UNSERVICEABLE, CANCELLED_BY_CUSTOMER or DEADLINE_PASSED',
  );

export const acceptedAnswer = z.object({ orderId: z.uuid(), status, version }).meta({ id: 'Accepted' });

const summary = {
  orderId: z.uuid(),
  customerId: z.string(),
  status,
  reason,
  totalAmount: minorUnits,
  currency: z.string(),
  version,
  createdAt: time,
};

const historyEntry = z.object({
  event: z.string(),
  service: z.string().describe('Who said it'),
  topic: z.string(),
  sequence: z.int().describe("The order's version in that topic"),
  at: time,
  ignored: z.string().optional().describe('Why it changed nothing'),
});

export const orderAnswer = z
  .object({
    ...summary,
    items: z.array(z.object({ sku: z.string(), name: z.string(), quantity: z.int(), unitPrice: minorUnits })),
    history: z.array(historyEntry).describe('In the order of time'),
  })
  .meta({ id: 'Order' });

export const pageAnswer = z
  .object({ orders: z.array(z.object(summary)), nextCursor: z.string().nullable() })
  .meta({ id: 'OrderPage' });

const statusNames = { pending: 'PENDING', confirmed: 'CONFIRMED', cancelled: 'CANCELLED' } as const;

export function describeOrder(
  order: Exclude<Order, { status: 'none' }>,
  story: Story,
): z.infer<typeof orderAnswer> {
  const { orderId, customerId, total, createdAt, lines } = order.created;
  return {
    orderId,
    customerId,
    status: statusNames[order.status],
    ...(order.status === 'cancelled' && { reason: order.reason }),
    totalAmount: total.amount,
    currency: total.currency,
    version: order.version,
    createdAt: new Date(createdAt).toISOString(),
    items: lines.map(({ sku, name, quantity, unitPrice }) => ({
      sku,
      name,
      quantity,
      unitPrice: unitPrice.amount,
    })),
    history: story.map(({ name, topic, sequence, at, ignored }) => ({
      event: name,
      service: topics[topic].writer,
      topic,
      sequence,
      at: at.toISOString(),
      ...(ignored !== null && { ignored }),
    })),
  };
}

export function describeRow(row: OrderRow): z.infer<typeof pageAnswer>['orders'][number] {
  return {
    orderId: row.order_id,
    customerId: row.customer_id,
    status: row.status,
    ...(row.reason !== null && { reason: row.reason }),
    totalAmount: row.total_amount,
    currency: row.currency,
    version: row.version,
    createdAt: row.created_at.toISOString(),
  };
}
