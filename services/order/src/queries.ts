import { type TopicName, topicOf } from '@skald/contracts';
import type { NewCommand, Queryable, Statement } from '@skald/messaging';
import type { Order } from './order.ts';
import { type EventRow, foldAll } from './store.ts';

/** A row of the projection. */
export interface OrderRow {
  readonly order_id: string;
  readonly customer_id: string;
  readonly status: 'PENDING' | 'CONFIRMED' | 'CANCELLED';
  readonly reason: string | null;
  /** Minor units. */
  readonly total_amount: number;
  readonly currency: string;
  readonly version: number;
  readonly created_at: Date;
}

/** All that happened to an order, its own events and what others did for it, in the order of time. */
export type Story = readonly {
  readonly name: string;
  readonly topic: TopicName;
  readonly sequence: number;
  readonly at: Date;
  readonly ignored: string | null;
}[];

const oneOrder: Statement = {
  name: 'order-read',
  text: 'SELECT order_id, version, name, data, at FROM order_events WHERE order_id = $1 ORDER BY version',
};
const oneHistory: Statement = {
  name: 'order-read-history',
  text: 'SELECT topic, sequence, name, at, ignored FROM order_history WHERE order_id = $1',
};
const oneStatus: Statement = { name: 'order-exists', text: 'SELECT 1 FROM orders WHERE order_id = $1' };

export async function orderExists(db: Queryable, orderId: string): Promise<boolean> {
  return (await db.query(oneStatus, [orderId])).length > 0;
}

/** @returns undefined for an order that was never placed. */
export async function readOrder(
  db: Queryable,
  orderId: string,
): Promise<{ order: Exclude<Order, { status: 'none' }>; story: Story } | undefined> {
  const [own, others] = await Promise.all([
    db.query<EventRow & { version: number; at: Date }>(oneOrder, [orderId]),
    db.query<Story[number]>(oneHistory, [orderId]),
  ]);
  const order = foldAll(own).get(orderId);
  if (!order || order.status === 'none') return undefined;
  const ownStory: Story = own.map(({ name, version, at }) => ({
    name,
    topic: topicOf(name),
    sequence: version,
    at,
    ignored: null,
  }));
  const story = [...ownStory, ...others].sort((a, b) => a.at.getTime() - b.at.getTime() || rank(a) - rank(b));
  return { order, story };
}

/** Within one millisecond: first the order, then what others did for it, then what followed from that. */
const rank = ({ topic, sequence }: Story[number]): number =>
  topic !== topicOf('OrderCreated') ? 1 : sequence === 1 ? 0 : 2;

export interface PageRequest {
  readonly status?: OrderRow['status'] | undefined;
  readonly customerId?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface Page {
  readonly rows: readonly OrderRow[];
  readonly nextCursor: string | null;
}

/** One statement for each set of filters, so that each goes along its own index. */
const pages = {
  all: page('order-page', ''),
  status: page('order-page-by-status', 'AND status = $3'),
  customer: page('order-page-of-customer', 'AND customer_id = $3'),
  both: page('order-page-of-customer-by-status', 'AND customer_id = $3 AND status = $4'),
};

function page(name: string, filter: string): Statement {
  return {
    name,
    text: `SELECT order_id, customer_id, status, reason, total_amount, currency, version, created_at FROM orders
      WHERE order_id < $1 ${filter} ORDER BY order_id DESC LIMIT $2`,
  };
}

const afterAll = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** Newest first: ids are UUIDv7, and the cursor is the last one seen. */
export async function readPage(
  db: Queryable,
  { status, customerId, limit, cursor }: PageRequest,
): Promise<Page> {
  const filters = [customerId, status].filter((value) => value !== undefined);
  const which = customerId ? (status ? 'both' : 'customer') : status ? 'status' : 'all';
  const before = cursor === undefined ? afterAll : idOfCursor(cursor);
  const rows = await db.query<OrderRow>(pages[which], [before, limit + 1, ...filters]);
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return { rows: rows.slice(0, limit), nextCursor: last ? cursorOf(last.order_id) : null };
}

const cursorOf = (orderId: string): string =>
  Buffer.from(orderId.replaceAll('-', ''), 'hex').toString('base64url');

function idOfCursor(cursor: string): string {
  const hex = Buffer.from(cursor, 'base64url').toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

const overdue: Statement = {
  name: 'order-overdue',
  text: `SELECT order_id, correlation_id FROM orders
    WHERE status = 'PENDING' AND deadline_at <= to_timestamp($1::float8 / 1000) ORDER BY deadline_at LIMIT 500`,
};

/** The orders that the saga left hanging: longest overdue first, a handful at a time. */
export async function overdueOrders(db: Queryable, now: number): Promise<readonly NewCommand[]> {
  const rows = await db.query<{ order_id: string; correlation_id: string }>(overdue, [now]);
  return rows.map(({ order_id, correlation_id }) => ({
    name: 'DeadlinePassed',
    key: order_id,
    data: null,
    correlationId: correlation_id,
  }));
}
