import type { Snapshot } from './snapshot.ts';

export type OrderStatus = 'PENDING' | 'CONFIRMED' | 'CANCELLED';

/** An order as the order service's database holds it. */
export interface OrderRow {
  readonly status: OrderStatus;
  readonly reason: string | null;
  /** Minor units. */
  readonly total: number;
  readonly currency: string;
  readonly version: number;
  /** Epoch ms. */
  readonly createdAt: number;
  /** Epoch ms. */
  readonly deadlineAt: number;
  /** Its own events, in order of their versions; a hole shows as `?`. */
  events: readonly string[];
  /** Idempotency-Keys that lead to it. */
  keys: number;
  /** By topic: how many events of others its history holds, and the newest sequence. */
  history: Readonly<Record<string, { readonly count: number; readonly newest: number }>>;
}

export interface StockRow {
  readonly onHand: number;
  readonly reserved: number;
  readonly shipped: number;
  readonly received: number;
}

export interface ReservationRow {
  readonly state: string;
  /** See `linesOf`. */
  readonly lines: string;
}

export interface ProductRow {
  readonly sequence: number;
  /** As `factOf` has a ProductListed. */
  readonly fact: string;
}

/** What is stored of the business, each part in one moment of its own database. */
export interface BusinessRows {
  readonly orders: ReadonlyMap<string, OrderRow>;
  /** Ids that an Idempotency-Key or an event of the store leads to, and that are no orders. */
  readonly noOrders: readonly string[];
  /** order's copy of the catalogue. */
  readonly products: ReadonlyMap<string, ProductRow>;
  readonly stock: ReadonlyMap<string, StockRow>;
  readonly reservations: ReadonlyMap<string, ReservationRow>;
  readonly payments: ReadonlyMap<string, string>;
  readonly shipments: ReadonlyMap<string, string>;
  /** By order: `template state`. */
  readonly mailStates: ReadonlyMap<string, readonly string[]>;
}

const msOf = (column: string): string => `extract(epoch FROM ${column})::float8 * 1000`;

export async function readOrders(
  snapshot: Snapshot,
): Promise<Pick<BusinessRows, 'orders' | 'noOrders' | 'products'>> {
  const orders = new Map<string, OrderRow>();
  const noOrders = new Set<string>();
  const rows = snapshot.rows<OrderRow & { id: string }>(
    `SELECT order_id AS id, status, reason, total_amount AS total, currency, version,
            ${msOf('created_at')} AS "createdAt", ${msOf('deadline_at')} AS "deadlineAt" FROM orders`,
  );
  for await (const { id, ...row } of rows) orders.set(id, { ...row, events: [], keys: 0, history: {} });
  const orderOf = (id: string): OrderRow | undefined => {
    const order = orders.get(id);
    if (order === undefined) noOrders.add(id);
    return order;
  };

  const events = snapshot.rows<{ id: string; names: string[]; newest: number }>(
    `SELECT order_id AS id, array_agg(name ORDER BY version) AS names, max(version) AS newest
     FROM order_events GROUP BY order_id`,
  );
  for await (const { id, names, newest } of events) {
    const order = orderOf(id);
    if (order) order.events = newest === names.length ? names : [...names, '?'];
  }
  const keys = snapshot.rows<{ id: string; count: number }>(
    'SELECT order_id AS id, count(*) AS count FROM idempotency_keys GROUP BY order_id',
  );
  for await (const { id, count } of keys) {
    const order = orderOf(id);
    if (order) order.keys = count;
  }
  const history = snapshot.rows<{ id: string; topic: string; count: number; newest: number }>(
    `SELECT order_id AS id, topic, count(*) AS count, max(sequence) AS newest
     FROM order_history GROUP BY order_id, topic`,
  );
  for await (const { id, topic, count, newest } of history) {
    const order = orderOf(id);
    if (order) order.history = { ...order.history, [topic]: { count, newest } };
  }
  const products = await snapshot.all<{ sku: string; sequence: number; fact: string }>(
    `SELECT sku, sequence, unit_price || ' ' || currency || ' ' || name AS fact FROM products`,
  );
  return {
    orders,
    noOrders: [...noOrders],
    products: new Map(products.map(({ sku, ...product }) => [sku, product])),
  };
}

export async function readStock(snapshot: Snapshot): Promise<Pick<BusinessRows, 'stock' | 'reservations'>> {
  const stock = await snapshot.all<StockRow & { sku: string }>(
    'SELECT sku, on_hand AS "onHand", reserved, shipped, received FROM stock',
  );
  const reservations = new Map<string, ReservationRow>();
  // As `linesOf` writes them, in the order of bytes.
  const rows = snapshot.rows<ReservationRow & { id: string }>(
    `SELECT order_id AS id, state, coalesce((
       SELECT string_agg(line, ', ' ORDER BY line COLLATE "C")
       FROM (SELECT (item ->> 'sku') || ' ' || (item ->> 'quantity') AS line
             FROM jsonb_array_elements(lines) AS item) AS told), '') AS lines
     FROM reservations`,
  );
  for await (const { id, ...row } of rows) reservations.set(id, row);
  return { stock: new Map(stock.map(({ sku, ...row }) => [sku, row])), reservations };
}

/** `order_id → state`, of a table that has both. */
export async function readStates(
  snapshot: Snapshot,
  table: 'payments' | 'shipments',
): Promise<ReadonlyMap<string, string>> {
  const states = new Map<string, string>();
  const rows = snapshot.rows<{ id: string; state: string }>(`SELECT order_id AS id, state FROM ${table}`);
  for await (const { id, state } of rows) states.set(id, state);
  return states;
}

export async function readMailStates(snapshot: Snapshot): Promise<BusinessRows['mailStates']> {
  const states = new Map<string, string[]>();
  const rows = snapshot.rows<{ id: string; mails: string[] }>(
    `SELECT order_id AS id, array_agg(template || ' ' || state ORDER BY template) AS mails
     FROM mails GROUP BY order_id`,
  );
  for await (const { id, mails } of rows) states.set(id, mails);
  return states;
}
