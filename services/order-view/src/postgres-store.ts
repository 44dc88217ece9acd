import type { OrderReadModel } from '@skald/contracts';
import type { Queryable, Statement } from '@skald/messaging';
import {
  type Change,
  type Counts,
  facetLimit,
  facetSkus,
  type OrderStore,
  type Positions,
} from './order-store.ts';
import { facetQuery, searchQuery } from './search-query.ts';
import { termsOf } from './terms.ts';

const selectPositions: Statement = {
  name: 'order_store_positions',
  text: 'SELECT partition, next_offset FROM order_positions',
};

/**
 * One statement, so one transaction. Rows in the order of their keys: whoever still takes the same partition in, as it was
 * assigned to him before, waits, and is not waited for.
 */
const upsertOrders: Statement = {
  name: 'order_store_upsert',
  text: `WITH told AS MATERIALIZED (
           SELECT * FROM json_to_recordset($1::json) AS r (
             order_id uuid, version int, "offset" bigint, status text, customer_id text, skus text[], amount bigint,
             currency text, placed_at bigint, waits_for text, terms text[], model json)
         ), taken AS (
           INSERT INTO orders AS o (order_id, version, partition, "offset", status, customer_id, skus, amount, currency,
                                    placed_at, waits_for, model)
           SELECT order_id, version, $2::int, "offset", status, customer_id, skus, amount, currency, placed_at,
                  waits_for, model FROM told ORDER BY order_id
           ON CONFLICT (order_id) DO UPDATE
           SET version = excluded.version, partition = excluded.partition, "offset" = excluded."offset",
               status = excluded.status, waits_for = excluded.waits_for, model = excluded.model
           WHERE o.version < excluded.version
           RETURNING order_id, xmax = 0 AS is_new
         ), listed AS (
           INSERT INTO order_terms (term, placed_at, order_id)
           SELECT unnest(terms), placed_at, order_id FROM told JOIN taken USING (order_id) WHERE is_new
         ), moved AS (
           INSERT INTO order_positions AS p (partition, next_offset) VALUES ($2::int, $3::bigint)
           ON CONFLICT (partition) DO UPDATE SET next_offset = excluded.next_offset
           WHERE p.next_offset < excluded.next_offset
         )
         SELECT order_id FROM taken`,
};

const selectModel: Statement = {
  name: 'order_store_get',
  text: 'SELECT model FROM orders WHERE order_id = $1',
};

const selectChanges: Statement = {
  name: 'order_store_changes',
  text: `SELECT found.* FROM unnest($1::int[], $2::bigint[]) AS wanted (partition, after) CROSS JOIN LATERAL (
           SELECT partition, "offset", model FROM orders o
           WHERE o.partition = wanted.partition AND o."offset" >= wanted.after ORDER BY o."offset" LIMIT $3
         ) found`,
};

/** `partitions`: of orders.read-model. */
export function createPostgresStore(db: Queryable, partitions: number): OrderStore {
  return {
    async positions() {
      const rows = await db.query<{ partition: number; next_offset: number }>(selectPositions);
      return new Map(rows.map(({ partition, next_offset }) => [partition, next_offset]));
    },
    async upsert(changes, partition, nextOffset) {
      const rows = newestOf(changes).map(toRow);
      const taken = await db.query<{ order_id: string }>(upsertOrders, [
        JSON.stringify(rows),
        partition,
        nextOffset,
      ]);
      return taken.map(({ order_id }) => order_id);
    },
    async get(orderId) {
      const [row] = await db.query<{ model: OrderReadModel }>(selectModel, [orderId]);
      return row?.model;
    },
    async search(search) {
      const { text, values } = searchQuery(search);
      return (await db.query<{ model: OrderReadModel }>(text, values)).map(({ model }) => model);
    },
    async facets(filter) {
      // One more than is counted says whether there are more.
      const { text, values } = facetQuery(filter, facetLimit + 1, facetSkus);
      const rows = await db.query<{ kind: string; value: string; count: number }>(text, values);
      const counts = (kind: string): Counts =>
        Object.fromEntries(rows.filter((row) => row.kind === kind).map(({ value, count }) => [value, count]));
      const total = rows.find(({ kind }) => kind === 'total')?.count ?? 0;
      return {
        total: Math.min(total, facetLimit),
        isWhole: total <= facetLimit,
        status: counts('status'),
        sku: counts('sku'),
        waitsFor: counts('waitsFor'),
      };
    },
    changes: (after, limit) =>
      db.query<Change & Record<string, unknown>>(selectChanges, columnsOf(after, partitions, limit)),
  };
}

function columnsOf(after: Positions, partitions: number, limit: number): unknown[] {
  const all = Array.from({ length: partitions }, (_, partition) => partition);
  return [all, all.map((partition) => after.get(partition) ?? 0), limit];
}

/** One statement can't write one row twice. */
function newestOf(changes: readonly Change[]): Change[] {
  const newest = new Map<string, Change>();
  for (const change of changes) {
    const { orderId, version } = change.model;
    const known = newest.get(orderId);
    if (known === undefined || known.model.version < version) newest.set(orderId, change);
  }
  return [...newest.values()];
}

const toRow = ({ offset, model }: Change) => ({
  order_id: model.orderId,
  version: model.version,
  offset,
  status: model.status,
  customer_id: model.customerId,
  skus: model.lines.map(({ sku }) => sku),
  amount: model.total.amount,
  currency: model.total.currency,
  placed_at: model.placedAt,
  waits_for: model.waitsFor?.service ?? null,
  terms: termsOf(model),
  model,
});
