import type { Filter, Search } from './order-store.ts';
import { idPrefixOf, idRange, skuTerm, wordsOf, wordTerm } from './terms.ts';

/** A statement that is planned for its very values: what a filter is worth depends on them. */
export interface Query {
  readonly text: string;
  readonly values: readonly unknown[];
}

/**
 * Orders that match, in the order asked for. Where there are terms, the first one leads: its orders stand in that order
 * already, and each is looked up by its id.
 */
export function searchQuery({ filter, sort, limit, after }: Search, columns = 'o.model'): Query {
  const { values, parameter } = createParameters();
  const terms = termsIn(filter);
  const termTables = terms.map((_, index) => `t${index}`);
  const leading = termTables[0] ?? 'o';
  const conditions = terms.map((term, index) => `t${index}.term = ${parameter(term)}`);
  for (const table of termTables)
    conditions.push(
      table === leading
        ? `${table}.order_id = o.order_id`
        : `(${table}.placed_at, ${table}.order_id) = (${leading}.placed_at, ${leading}.order_id)`,
    );
  conditions.push(...conditionsOf(filter, parameter));
  const { from, to } = filter;
  // Said of each table of terms: nobody concludes it from their being equal.
  const bound = (text: (table: string) => string) =>
    conditions.push(...(terms.length === 0 ? ['o'] : termTables).map(text));
  if (from !== undefined) {
    const least = parameter(from);
    bound((table) => `${table}.placed_at >= ${least}::bigint`);
  }
  if (to !== undefined) {
    const end = parameter(to);
    bound((table) => `${table}.placed_at < ${end}::bigint`);
  }
  if (after !== undefined) {
    const place = `(${parameter(after.placedAt)}::bigint, ${parameter(after.orderId)}::uuid)`;
    bound((table) => `(${table}.placed_at, ${table}.order_id) ${sort === 'newest' ? '<' : '>'} ${place}`);
  }
  const tables = [...termTables.map((table) => `order_terms ${table}`), 'orders o'].join(', ');
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const direction = sort === 'newest' ? 'DESC' : 'ASC';
  return {
    text: `SELECT ${columns} FROM ${tables} ${where}
           ORDER BY ${leading}.placed_at ${direction}, ${leading}.order_id ${direction}
           LIMIT ${parameter(limit)}::int`,
    values,
  };
}

function createParameters() {
  const values: unknown[] = [];
  return {
    values,
    parameter(value: unknown): string {
      values.push(value);
      return `$${values.length}`;
    },
  };
}

/** A text without a word in it matches nothing: no order has the term. */
function termsIn({ sku, text }: Filter): string[] {
  const terms = sku === undefined ? [] : [skuTerm(sku)];
  if (text === undefined || idPrefixOf(text) !== undefined) return terms;
  const words = wordsOf(text).map(wordTerm);
  return [...terms, ...(words.length === 0 ? [wordTerm('')] : words)];
}

function conditionsOf(filter: Filter, parameter: (value: unknown) => string): string[] {
  const { customerId, status, waitsFor, currency, minAmount, maxAmount, text } = filter;
  const equal = { customer_id: customerId, status, waits_for: waitsFor, currency };
  const conditions = Object.entries(equal).flatMap(([column, value]) =>
    value === undefined ? [] : [`o.${column} = ${parameter(value)}`],
  );
  if (minAmount !== undefined) conditions.push(`o.amount >= ${parameter(minAmount)}::bigint`);
  if (maxAmount !== undefined) conditions.push(`o.amount <= ${parameter(maxAmount)}::bigint`);
  const prefix = text === undefined ? undefined : idPrefixOf(text);
  if (prefix !== undefined) {
    const [first, last] = idRange(prefix);
    conditions.push(`o.order_id BETWEEN ${parameter(first)}::uuid AND ${parameter(last)}::uuid`);
  }
  return conditions;
}

/** Rows of kind, value and count, over the newest that match. */
export function facetQuery(filter: Filter, limit: number, skus: number): Query {
  const { text, values } = searchQuery({ filter, sort: 'newest', limit }, 'o.status, o.waits_for, o.skus');
  return {
    text: `WITH found AS MATERIALIZED (${text})
      SELECT 'total' AS kind, '' AS value, count(*) AS count FROM found
      UNION ALL SELECT 'status', status, count(*) FROM found GROUP BY status
      UNION ALL SELECT 'waitsFor', waits_for, count(*) FROM found WHERE waits_for IS NOT NULL GROUP BY waits_for
      UNION ALL (SELECT 'sku', sku, count(*) FROM found, unnest(skus) AS sku GROUP BY sku
                 ORDER BY count(*) DESC, sku LIMIT ${skus})`,
    values,
  };
}
