import { postgresTypes } from '@skald/auditor';
import type { OrderEvent } from '@skald/order/simulation';
import pg from 'pg';

/** An order as the order service has it. */
export interface StoredOrder {
  /** Its events, in order of version. */
  readonly events: readonly OrderEvent[];
  /** Its row in the list of orders; undefined where there is none. */
  readonly row:
    | {
        readonly customerId: string;
        readonly status: string;
        readonly reason: string | null;
        /** Minor units. */
        readonly totalAmount: number;
        readonly currency: string;
        readonly version: number;
      }
    | undefined;
}

/** The order service's database, which is only read. Throws DatabaseAway. */
export interface OrderDatabase {
  ordersOf(orderIds: readonly string[]): Promise<ReadonlyMap<string, StoredOrder>>;
  /** Calls every order that was placed before then (epoch ms), in portions. */
  eachOrder(placedBefore: number, take: (orderId: string) => void): Promise<void>;
  close(): Promise<void>;
}

/** The database can't be asked, so nothing can be said. */
export class DatabaseAway extends Error {}

// One statement, and so one moment.
const SELECT_ORDERS = `
  SELECT e.order_id::text AS id, o.customer_id, o.status, o.reason, o.total_amount, o.currency, o.version,
    jsonb_agg(jsonb_build_object('name', e.name, 'data', e.data) ORDER BY e.version) AS events
  FROM order_events e LEFT JOIN orders o ON o.order_id = e.order_id
  WHERE e.order_id::text = ANY ($1::text[])
  GROUP BY e.order_id, o.order_id`;
// Along the primary key, from where the portion before has ended.
const SELECT_PORTION = `
  SELECT order_id::text AS id, created_at < to_timestamp($2 / 1000.0) AS counts
  FROM orders WHERE order_id > $1::uuid ORDER BY order_id LIMIT 10000`;

interface OrderRow {
  readonly id: string;
  readonly customer_id: string;
  readonly status: string | null;
  readonly reason: string | null;
  readonly total_amount: number;
  readonly currency: string;
  readonly version: number;
  readonly events: readonly OrderEvent[];
}

export function openOrderDatabase(url: string): OrderDatabase {
  const pool = new pg.Pool({
    connectionString: url,
    max: 1,
    application_name: 'skald-replay',
    connectionTimeoutMillis: 10_000,
    types: postgresTypes,
  });
  // The next query says so.
  pool.on('error', () => {});
  const query = async <Row extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<Row[]> => {
    try {
      return (await pool.query<Row>(text, values)).rows;
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new DatabaseAway(`the order service's database can't be asked: ${reason}`, { cause });
    }
  };
  return {
    async ordersOf(orderIds) {
      const rows = await query<OrderRow>(SELECT_ORDERS, [orderIds]);
      return new Map(rows.map((row) => [row.id, { events: row.events, row: rowOf(row) }]));
    },
    async eachOrder(placedBefore, take) {
      for (let after = '00000000-0000-0000-0000-000000000000'; ; ) {
        const portion = await query<{ id: string; counts: boolean }>(SELECT_PORTION, [after, placedBefore]);
        for (const { id, counts } of portion) if (counts) take(id);
        const last = portion.at(-1);
        if (last === undefined) return;
        after = last.id;
      }
    },
    close: () => pool.end(),
  };
}

function rowOf({
  customer_id,
  status,
  reason,
  total_amount,
  currency,
  version,
}: OrderRow): StoredOrder['row'] {
  if (status === null) return undefined;
  return { customerId: customer_id, status, reason, totalAmount: total_amount, currency, version };
}
