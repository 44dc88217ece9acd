import type { OrderReadModel } from '@skald/contracts';
import type { Statement } from '@skald/messaging';
import type { Change } from './order-store.ts';
import { termsOf } from './terms.ts';

/** What a model becomes in the tables, beside its place. */
export const rowColumns = `order_id uuid, version int, "offset" bigint, status text, customer_id text, skus text[], amount bigint,
             currency text, placed_at bigint, waits_for text, terms text[], model json`;

/**
 * Takes records of one partition in. One statement, so one transaction. Rows in the order of their keys: whoever still takes
 * the same partition in, as it was assigned to him before, waits, and is not waited for.
 * `schema`: of a generation that isn't live. It may know a version before that is published: then it learns its place.
 */
export function upsertStatement(name: string, schema?: string): Statement {
  const own = schema === undefined ? '' : `${schema}.`;
  const isNews = 'o.version < excluded.version';
  const isKnown = schema && `o.version = excluded.version AND o."offset" < excluded."offset"`;
  const newest = (column: string) =>
    isKnown ? `CASE WHEN ${isNews} THEN excluded.${column} ELSE o.${column} END` : `excluded.${column}`;
  return {
    name: `${name}${schema ?? ''}`,
    text: `WITH told AS MATERIALIZED (
           SELECT * FROM json_to_recordset($1::json) AS r (${rowColumns})
         ), taken AS (
           INSERT INTO ${own}orders AS o (order_id, version, partition, "offset", status, customer_id, skus, amount,
                                    currency, placed_at, waits_for, model)
           SELECT order_id, version, $2::int, "offset", status, customer_id, skus, amount, currency, placed_at,
                  waits_for, model FROM told ORDER BY order_id
           ON CONFLICT (order_id) DO UPDATE
           SET version = excluded.version, partition = excluded.partition, "offset" = excluded."offset",
               status = ${newest('status')}, waits_for = ${newest('waits_for')}, model = ${newest('model')}
           WHERE ${isNews}${isKnown ? ` OR ${isKnown}` : ''}
           RETURNING order_id, xmax = 0 AS is_new
         ), listed AS (
           INSERT INTO ${own}order_terms (term, placed_at, order_id)
           SELECT unnest(terms), placed_at, order_id FROM told JOIN taken USING (order_id) WHERE is_new
         ), moved AS (
           INSERT INTO ${own}order_positions AS p (partition, next_offset) VALUES ($2::int, $3::bigint)
           ON CONFLICT (partition) DO UPDATE SET next_offset = excluded.next_offset
           WHERE p.next_offset < excluded.next_offset
         )
         SELECT order_id FROM taken`,
  };
}

/** The newest version of each order, as the statement takes it: it can't write one row twice. */
export function toRows(changes: readonly Change[]): string {
  const newest = new Map<string, Change>();
  for (const change of changes) {
    const { orderId, version } = change.model;
    const known = newest.get(orderId);
    if (known === undefined || known.model.version < version) newest.set(orderId, change);
  }
  return JSON.stringify(Array.from(newest.values(), ({ offset, model }) => ({ ...toRow(model), offset })));
}

export const toRow = (model: OrderReadModel) => ({
  order_id: model.orderId,
  version: model.version,
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
