import { createHash } from 'node:crypto';
import { type Comparison, type Difference, exampleLimit } from './order-generations.ts';
import type { Positions } from './order-store.ts';
import { type Row, readAll, readPositions } from './search-documents.ts';
import type { SearchEngine } from './search-engine.ts';

export interface IndexComparison {
  readonly engine: SearchEngine;
  readonly partitions: number;
  /** Generations by their own names. */
  readonly live: string;
  readonly rebuilt: string;
  /** Orders whose place in either lies at or behind it; undefined: all. */
  readonly since: Positions | undefined;
}

interface Pair {
  readonly orderId: string;
  readonly live: Row | undefined;
  readonly rebuilt: Row | undefined;
}

const PAGE = 500;
/** How long the engine keeps what a scroll looks at from one page to the next. */
const KEEP = '1m';

/**
 * The engine looks at two indexes at two moments. So the positions are read first: what either is told after them is in motion, and no
 * more than that can be wrong.
 */
export async function compareIndexes(comparison: IndexComparison): Promise<Comparison> {
  const { engine, partitions, live, rebuilt, since } = comparison;
  const told = {
    live: await readPositions(engine, live, partitions),
    rebuilt: await readPositions(engine, rebuilt, partitions),
  };
  await engine.ask('POST', `/${live},${rebuilt}/_refresh`);
  const hashes = { live: 0n, rebuilt: 0n };
  const examples: Difference[] = [];
  let [orders, inMotion, differences] = [0, 0, 0];
  for await (const pair of since === undefined ? allPairs(comparison) : pairsSince(comparison, since)) {
    if (moves(pair, told)) {
      inMotion += 1;
      continue;
    }
    orders += 1;
    const [one, other] = [hashOf(pair.live), hashOf(pair.rebuilt)];
    hashes.live ^= one;
    hashes.rebuilt ^= other;
    if (one === other) continue;
    differences += 1;
    if (examples.length < exampleLimit) examples.push(differenceIn(pair));
  }
  const hex = { live: toHex(hashes.live), rebuilt: toHex(hashes.rebuilt) };
  return { orders, hashes: hex, inMotion, differences, examples };
}

const differenceIn = ({ orderId, live, rebuilt }: Pair): Difference => ({
  orderId,
  live: live?.version ?? null,
  rebuilt: rebuilt?.version ?? null,
});

/** An order's newest version lies at its place; whose position isn't behind that can't have been told of it. */
function moves(
  { live, rebuilt }: Pair,
  told: { readonly live: Positions; readonly rebuilt: Positions },
): boolean {
  const [one, other] = [live?.version ?? 0, rebuilt?.version ?? 0];
  if (one > other) return live !== undefined && live.offset >= (told.rebuilt.get(live.partition) ?? 0);
  if (other > one) return rebuilt !== undefined && rebuilt.offset >= (told.live.get(rebuilt.partition) ?? 0);
  return false;
}

/** Both in the order of ids, side by side, so that no more than a page of each is held. */
async function* allPairs({ engine, live, rebuilt }: IndexComparison): AsyncGenerator<Pair> {
  const [ones, others] = [scroll(engine, live), scroll(engine, rebuilt)];
  try {
    let [one, other] = [await next(ones), await next(others)];
    while (one !== undefined || other !== undefined) {
      const orderId = least(one?.orderId, other?.orderId);
      const pair = {
        orderId,
        live: one?.orderId === orderId ? one : undefined,
        rebuilt: other?.orderId === orderId ? other : undefined,
      };
      yield pair;
      if (pair.live !== undefined) one = await next(ones);
      if (pair.rebuilt !== undefined) other = await next(others);
    }
  } finally {
    await Promise.all([ones.return(undefined), others.return(undefined)]);
  }
}

const next = async (rows: AsyncGenerator<Row>): Promise<Row | undefined> => {
  const { value, done } = await rows.next();
  return done === true ? undefined : value;
};

const least = (one: string | undefined, other: string | undefined): string =>
  one === undefined || (other !== undefined && other < one) ? (other ?? '') : one;

async function* pairsSince(
  { engine, live, rebuilt }: IndexComparison,
  since: Positions,
): AsyncGenerator<Pair> {
  const query = {
    bool: {
      should: [...since].map(([partition, offset]) => ({
        bool: { filter: [{ term: { partition } }, { range: { offset: { gte: offset } } }] },
      })),
      minimum_should_match: 1,
    },
  };
  const found = new Set<string>();
  for (const index of [live, rebuilt])
    for await (const { orderId } of scroll(engine, index, query)) found.add(orderId);
  const ids = [...found].sort();
  for (let from = 0; from < ids.length; from += PAGE) {
    const page = ids.slice(from, from + PAGE);
    const [ones, others] = [
      await readAll<Row>(engine, live, page),
      await readAll<Row>(engine, rebuilt, page),
    ];
    for (const orderId of page) yield { orderId, live: ones.get(orderId), rebuilt: others.get(orderId) };
  }
}

interface Page {
  readonly _scroll_id: string;
  readonly hits: { readonly hits: readonly { readonly _source: Row }[] };
}

/** All that it holds at the first request, by id. */
async function* scroll(
  engine: SearchEngine,
  index: string,
  query: object = { match_all: {} },
): AsyncGenerator<Row> {
  let page = await engine.ask<Page>(
    'POST',
    `/${index}/_search?scroll=${KEEP}&allow_partial_search_results=false`,
    { query, size: PAGE, sort: [{ orderId: 'asc' }] },
  );
  try {
    while (page.hits.hits.length > 0) {
      for (const { _source } of page.hits.hits) yield _source;
      page = await engine.ask<Page>('POST', '/_search/scroll', { scroll: KEEP, scroll_id: page._scroll_id });
    }
  } finally {
    await engine.ask('DELETE', '/_search/scroll', { scroll_id: page._scroll_id });
  }
}

/** All that a row says, but for its place: that it has moved is no difference. 64 bits; 0 where there is none. */
function hashOf(row: Row | undefined): bigint {
  if (row === undefined) return 0n;
  const says = { ...row, partition: null, offset: null };
  return createHash('sha256').update(JSON.stringify(says, inOrder)).digest().readBigUInt64BE();
}

/** JSON in one form, whatever the order in which its keys were written. */
const inOrder = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
    : value;

const toHex = (hash: bigint): string => hash.toString(16).padStart(16, '0');
