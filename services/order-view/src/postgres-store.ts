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
import { toRows, upsertStatement } from './upsert-statement.ts';

const selectPositions: Statement = {
  name: 'order_store_positions',
  text: 'SELECT partition, next_offset FROM order_positions',
};

const upsertOrders = upsertStatement('order_store_upsert');

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
      const values = [toRows(changes), partition, nextOffset];
      const taken = await db.query<{ order_id: string }>(upsertOrders, values);
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
