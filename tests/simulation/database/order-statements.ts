import { createTable, DatabaseError, type Execute, type Table } from './server.ts';

/** The rows of the order service, by their statements' names: services/order/src. */

export interface OrderEventRow {
  readonly order_id: string;
  readonly version: number;
  readonly name: string;
  readonly data: unknown;
  readonly at: Date;
}

export interface OrderRow {
  readonly order_id: string;
  readonly customer_id: string;
  readonly status: 'PENDING' | 'CONFIRMED' | 'CANCELLED';
  readonly reason: string | null;
  readonly total_amount: number;
  readonly currency: string;
  readonly version: number;
  readonly created_at: Date;
  /** Epoch ms. */
  readonly deadline: number;
  readonly correlation_id: string;
}

export interface HistoryRow {
  readonly order_id: string;
  readonly topic: string;
  readonly sequence: number;
  readonly name: string;
  readonly at: Date;
  readonly ignored: string | null;
}

export interface ProductRow {
  readonly sku: string;
  readonly name: string;
  readonly unit_price: number;
  readonly currency: string;
  readonly sequence: number;
  readonly savedBy: bigint;
}

export interface ClaimRow {
  readonly caller: string;
  readonly key: string;
  readonly fingerprint: string;
  readonly order_id: string;
  /** Epoch ms. */
  readonly createdAt: number;
}

export interface OrderTables {
  readonly orderEvents: Table<OrderEventRow>;
  readonly orders: Table<OrderRow>;
  readonly contacts: Table<{ order_id: string; email: string; name: string }>;
  readonly history: Table<HistoryRow>;
  readonly products: Table<ProductRow>;
  readonly claims: Table<ClaimRow>;
}

export const createOrderTables = (): OrderTables => ({
  orderEvents: createTable('order_events'),
  orders: createTable('orders'),
  contacts: createTable('order_contacts'),
  history: createTable('order_history'),
  products: createTable('products'),
  claims: createTable('idempotency_keys'),
});

const claimKey = (caller: string, key: string) => `${caller}\n${key}`;
const byVersion = (one: OrderEventRow, other: OrderEventRow): number =>
  one.order_id < other.order_id ? -1 : one.order_id > other.order_id ? 1 : one.version - other.version;
const listed = ({ savedBy: _savedBy, ...product }: ProductRow) => product;
const claimed = ({ createdAt: _createdAt, ...claim }: ClaimRow) => claim;
const asDate = (ms: number): Date => new Date(ms);

export const orderStatements: Readonly<Record<string, Execute<OrderTables>>> = {
  'order-load-events': (tx, { orderEvents }, [ids]: [string[]]) => {
    const rows: OrderEventRow[] = [];
    for (const id of ids) {
      for (let version = 1; ; version += 1) {
        const row = tx.get(orderEvents, `${id}/${version}`);
        if (row === undefined) break;
        rows.push(row);
      }
    }
    return rows.sort(byVersion).map(({ order_id, name, data }) => ({ order_id, name, data }));
  },
  'order-load-contacts': (tx, { contacts }, [ids]: [string[]]) =>
    ids.flatMap((id) => tx.get(contacts, id) ?? []),
  'order-save-events': (tx, { orderEvents }, [ids, versions, names, ats, data]) => {
    const parsed: unknown[] = JSON.parse(data);
    ids.forEach((order_id: string, index: number) => {
      const version: number = versions[index];
      const row = { order_id, version, name: names[index], data: parsed[index], at: asDate(ats[index]) };
      tx.insertOnly(orderEvents, `${order_id}/${version}`, row);
    });
    return [];
  },
  'order-save-orders': (tx, { orders }, values) => {
    const [
      ids,
      customers,
      statuses,
      reasons,
      totals,
      currencies,
      versions,
      createdAts,
      deadlines,
      correlations,
    ] = values;
    ids.forEach((order_id: string, index: number) => {
      const row: OrderRow = {
        order_id,
        customer_id: customers[index],
        status: statuses[index],
        reason: reasons[index],
        total_amount: totals[index],
        currency: currencies[index],
        version: versions[index],
        created_at: asDate(createdAts[index]),
        deadline: deadlines[index],
        correlation_id: correlations[index],
      };
      if ((row.reason !== null) !== (row.status === 'CANCELLED'))
        throw new DatabaseError('23514', 'orders: a reason is for what is cancelled');
      tx.upsert(orders, order_id, row, (there) => ({
        ...there,
        status: row.status,
        reason: row.reason,
        version: row.version,
      }));
    });
    return [];
  },
  'order-save-contacts': (tx, { contacts }, [ids, emails, names]) => {
    ids.forEach((order_id: string, index: number) => {
      tx.insertOnly(contacts, order_id, { order_id, email: emails[index], name: names[index] });
    });
    return [];
  },
  'order-save-history': (tx, { history }, [ids, topics, sequences, names, ats, ignored]) => {
    ids.forEach((order_id: string, index: number) => {
      tx.insertOnly(history, `${order_id}/${topics[index]}/${sequences[index]}`, {
        order_id,
        topic: topics[index],
        sequence: sequences[index],
        name: names[index],
        at: asDate(ats[index]),
        ignored: ignored[index],
      });
    });
    return [];
  },
  'order-save-products': (tx, { products }, [skus, names, prices, currencies, sequences]) => {
    const rows: ProductRow[] = skus.map((sku: string, index: number) => ({
      sku,
      name: names[index],
      unit_price: prices[index],
      currency: currencies[index],
      sequence: sequences[index],
      savedBy: tx.assignXid(),
    }));
    for (const row of rows.sort((one, other) => (one.sku < other.sku ? -1 : 1)))
      tx.upsert(products, row.sku, row, (there) => (there.sequence < row.sequence ? row : there));
    return [];
  },

  'order-products-since': (tx, { products }, [since]: [string]) => {
    const xmin = String(tx.server.xmin());
    const rows = tx.all(products).filter(({ savedBy }) => savedBy >= BigInt(since));
    if (rows.length === 0)
      return [{ xmin, sku: null, name: null, unit_price: null, currency: null, sequence: null }];
    return rows.map((row) => ({ xmin, ...listed(row) }));
  },
  'order-products-named': (tx, { products }, [skus]: [string[]]) =>
    skus.flatMap((sku) => {
      const row = tx.get(products, sku);
      return row === undefined ? [] : [listed(row)];
    }),

  'order-claim-keys': (tx, { claims }, [callers, keys, fingerprints, orderIds]) => {
    const rows: ClaimRow[] = callers.map((caller: string, index: number) => ({
      caller,
      key: keys[index],
      fingerprint: fingerprints[index],
      order_id: orderIds[index],
      createdAt: tx.startedAt,
    }));
    return rows
      .sort((one, other) => (claimKey(one.caller, one.key) < claimKey(other.caller, other.key) ? -1 : 1))
      .filter((row) => tx.insert(claims, claimKey(row.caller, row.key), row) === undefined)
      .map(claimed);
  },
  'order-read-claims': (tx, { claims }, [callers, keys]: string[][]) =>
    (callers ?? []).flatMap((caller, index) => {
      const row = tx.get(claims, claimKey(caller, keys?.[index] ?? ''));
      return row === undefined ? [] : [claimed(row)];
    }),

  'order-exists': (tx, { orders }, [id]: [string]) => (tx.get(orders, id) === undefined ? [] : [{}]),
  'order-overdue': (tx, { orders }, [now]: [number]) =>
    tx
      .all(orders)
      .filter(({ status, deadline }) => status === 'PENDING' && deadline <= now)
      .sort((one, other) => one.deadline - other.deadline)
      .slice(0, 500)
      .map(({ order_id, correlation_id }) => ({ order_id, correlation_id })),
};
