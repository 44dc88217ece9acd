import type { Queryable } from '@skald/messaging';
import { type Comparison, type Difference, exampleLimit } from './order-generations.ts';
import type { Positions } from './order-store.ts';

/** All that a row says, but for its place: that it has moved is no difference. JSON in one form, however it was written. */
const hashOf = (row: string): string =>
  `hashtextextended(concat_ws(' ', ${row}.order_id, ${row}.version, ${row}.status, ${row}.customer_id, ${row}.skus, ${row}.amount,
     ${row}.currency, ${row}.placed_at, coalesce(${row}.waits_for, '-'), ${row}.model::jsonb), 0)`;

const everywhere = (schema: string): string => `orders l FULL JOIN ${schema}.orders n USING (order_id)`;

const since = (schema: string): string => `(
    SELECT o.order_id FROM wanted JOIN orders o ON o.partition = wanted.partition AND o."offset" >= wanted.after
    UNION SELECT o.order_id FROM wanted JOIN ${schema}.orders o ON o.partition = wanted.partition AND o."offset" >= wanted.after
  ) AS found LEFT JOIN orders l USING (order_id) LEFT JOIN ${schema}.orders n USING (order_id)`;

/**
 * One statement, so one moment. An order's newest version lies at its place; whose position isn't behind that can't have been
 * told of it. `wanted`: from which offset of each partition on; without, all orders.
 */
const comparison = (schema: string, isWhole: boolean): string => `
  WITH wanted AS (SELECT * FROM unnest($1::int[], $2::bigint[]) AS w (partition, after)),
  pair AS MATERIALIZED (
    SELECT order_id, l.version AS live, n.version AS rebuilt,
      CASE WHEN l.order_id IS NOT NULL THEN ${hashOf('l')} END AS live_hash,
      CASE WHEN n.order_id IS NOT NULL THEN ${hashOf('n')} END AS rebuilt_hash,
      CASE WHEN coalesce(l.version, 0) > coalesce(n.version, 0)
        THEN l."offset" >= coalesce((SELECT next_offset FROM ${schema}.order_positions p WHERE p.partition = l.partition), 0)
        WHEN coalesce(l.version, 0) < coalesce(n.version, 0)
        THEN n."offset" >= coalesce((SELECT next_offset FROM order_positions p WHERE p.partition = n.partition), 0)
        ELSE false END AS moves
    FROM ${isWhole ? everywhere(schema) : since(schema)}
  )
  SELECT count(*) FILTER (WHERE NOT moves) AS orders, count(*) FILTER (WHERE moves) AS moving,
    count(*) FILTER (WHERE NOT moves AND live_hash IS DISTINCT FROM rebuilt_hash) AS differences,
    to_hex(coalesce(bit_xor(live_hash) FILTER (WHERE NOT moves), 0)) AS live_hash,
    to_hex(coalesce(bit_xor(rebuilt_hash) FILTER (WHERE NOT moves), 0)) AS rebuilt_hash,
    (SELECT json_agg(json_build_object('orderId', order_id, 'live', live, 'rebuilt', rebuilt)) FROM (
      SELECT * FROM pair WHERE NOT moves AND live_hash IS DISTINCT FROM rebuilt_hash ORDER BY order_id LIMIT ${exampleLimit}
    ) AS first) AS examples
  FROM pair`;

interface Row {
  readonly orders: number;
  readonly moving: number;
  readonly differences: number;
  readonly live_hash: string;
  readonly rebuilt_hash: string;
  readonly examples: readonly Difference[] | null;
}

export async function compareGenerations(
  db: Queryable,
  schema: string,
  from: Positions | undefined,
): Promise<Comparison> {
  // Of this connection, which is closed after it: a comparison of everything reads everything.
  await db.query(`SET enable_seqscan = ${from === undefined ? 'on' : 'off'}`);
  const after = [...(from ?? [])];
  const [row] = await db.query<{ [Column in keyof Row]: Row[Column] }>(
    comparison(schema, from === undefined),
    [after.map(([partition]) => partition), after.map(([, offset]) => offset)],
  );
  const { orders, moving, differences, live_hash, rebuilt_hash, examples } = row as Row;
  return {
    orders,
    hashes: { live: live_hash.padStart(16, '0'), rebuilt: rebuilt_hash.padStart(16, '0') },
    inMotion: moving,
    differences,
    examples: examples ?? [],
  };
}
