import type { OrderReadModel } from '@skald/contracts';
import { type Change, type Counts, type Filter, facetLimit, type OrderStore } from './order-store.ts';
import { type Complaint, type SearchEngine, SearchRefusal, toError } from './search-engine.ts';
import { generationOf, positionsOf } from './search-index.ts';
import {
  changesRequest,
  type FacetEdge,
  facetEdgeRequest,
  facetRequest,
  facetTieRequest,
  searchRequest,
} from './search-request.ts';
import { createSharing } from './sharing.ts';
import { wordsOf } from './terms.ts';

export interface OpenSearchStoreOptions {
  readonly engine: SearchEngine;
  /** An alias, or a generation's own name: search-index.ts. */
  readonly index: string;
  /** Of orders.read-model. */
  readonly partitions: number;
  /** Done once, before the first request; again if it failed. */
  prepare?(): Promise<void>;
}

interface Hits {
  readonly hits: {
    readonly total?: { readonly value: number };
    readonly hits: readonly { readonly _source: Row; readonly sort?: readonly (number | string)[] }[];
  };
}
interface Buckets {
  readonly buckets: readonly { readonly key: string; readonly doc_count: number }[];
}
interface Counted extends Hits {
  readonly aggregations: Readonly<Record<'status' | 'waitsFor' | 'sku', Buckets>>;
}
type Row = ReturnType<typeof toRow>;

/** Written elsewhere in a newer version, or in this very one. */
const CONFLICT = 409;

/** The read model in OpenSearch or Elasticsearch. What `upsert` has taken in is found by all of it once it has answered. */
export function createOpenSearchStore(options: OpenSearchStoreOptions): OrderStore {
  const { engine, index, partitions } = options;
  let prepared: Promise<void> | undefined;
  const ready = (): Promise<void> => {
    prepared ??= Promise.resolve(options.prepare?.()).catch((error: unknown) => {
      prepared = undefined;
      throw error;
    });
    return prepared;
  };
  const ask = async <Answer>(method: 'GET' | 'POST', path: string, body?: object): Promise<Answer> => {
    await ready();
    return engine.ask<Answer>(method, path, body);
  };
  const find = <Answer extends Hits>(request: object) =>
    ask<Answer>('POST', `/${index}/_search?allow_partial_search_results=false`, request);
  const count = async (filter: Filter, edge: FacetEdge | undefined) => {
    const { hits, aggregations } = await find<Counted>(facetRequest(filter, edge));
    const { status, waitsFor, sku } = aggregations;
    return {
      total: hits.total?.value ?? 0,
      status: countsOf(status),
      sku: countsOf(sku),
      waitsFor: countsOf(waitsFor),
    };
  };
  // It costs the same for one record as for a thousand: who comes while one is under way shares the next.
  const makeVisible = createSharing(() => ask('POST', `/${index}/_refresh`));

  return {
    async positions() {
      const ids = Array.from({ length: partitions }, (_, partition) => String(partition));
      const { docs } = await ask<{ docs: readonly PositionDocument[] }>(
        'POST',
        `/${positionsOf(index)}/_mget`,
        { ids },
      );
      const known = new Map<number, number>();
      for (const { error, _source } of docs) {
        if (error !== undefined) throw toError(error, 0);
        if (_source !== undefined) known.set(_source.partition, _source.nextOffset);
      }
      return known;
    },
    async upsert(changes, partition, nextOffset) {
      await ready();
      // Both indexes of one generation, whatever the alias leads to meanwhile.
      const generation = await generationOf(engine, index);
      if (generation === undefined) throw new SearchRefusal('index_not_found_exception', index);
      const taken = await writeOrders(engine, generation, changes);
      // Who is told how far the store is finds all up to there.
      if (changes.length > 0) await makeVisible();
      await writeAll(engine, positionsOf(generation), [
        {
          id: String(partition),
          version: nextOffset,
          source: { partition, nextOffset },
        },
      ]);
      return taken;
    },
    async get(orderId) {
      const found = await ask<{ _source?: Row }>('GET', `/${index}/_doc/${encodeURIComponent(orderId)}`);
      return found._source?.model;
    },
    async search(search) {
      const { hits } = await find(searchRequest(search));
      return hits.hits.map(({ _source }) => _source.model);
    },
    async facets(filter) {
      const { hits } = await find(facetEdgeRequest(filter));
      const isWhole = (hits.total?.value ?? 0) <= facetLimit;
      const placedAt = isWhole ? undefined : hits.hits[0]?.sort?.[0];
      let counted = await count(filter, typeof placedAt === 'number' ? { placedAt } : undefined);
      const surplus = counted.total - facetLimit;
      // Several of the oldest moment, and not all of them are among the newest so many.
      if (typeof placedAt === 'number' && surplus > 0) {
        const tie = await find(facetTieRequest(filter, placedAt, surplus));
        const orderId = tie.hits.hits[0]?.sort?.[0];
        if (typeof orderId === 'string') counted = await count(filter, { placedAt, orderId });
      }
      return { ...counted, total: Math.min(counted.total, facetLimit), isWhole };
    },
    async changes(after, limit) {
      await ready();
      const lines = Array.from({ length: partitions }, (_, partition) => [
        { allow_partial_search_results: false },
        changesRequest(partition, after.get(partition) ?? 0, limit),
      ]);
      const { responses } = await engine.askLines<{
        responses: readonly (Hits & { error?: Complaint; status: number })[];
      }>(`/${index}/_msearch`, lines.flat());
      return responses.flatMap(({ error, status, hits }) => {
        if (error !== undefined) throw toError(error, status);
        return hits.hits.map(({ _source: { partition, offset, model } }) => ({ partition, offset, model }));
      });
    },
  };
}

interface PositionDocument {
  readonly error?: Complaint;
  readonly _source?: { readonly partition: number; readonly nextOffset: number };
}

const countsOf = ({ buckets }: Buckets): Counts =>
  Object.fromEntries(buckets.map(({ key, doc_count: count }) => [key, count]));

/**
 * Answers the orders whose version was newer. In the order of the log: a shard takes the lines of a request in one by one, so
 * whoever looks meanwhile sees a beginning of them.
 */
async function writeOrders(engine: SearchEngine, index: string, changes: readonly Change[]) {
  const newest = new Map<string, Change>();
  for (const change of changes) {
    const { orderId, version } = change.model;
    if ((newest.get(orderId)?.model.version ?? 0) < version) newest.set(orderId, change);
  }
  const rows = changes.filter((change) => newest.get(change.model.orderId) === change);
  return writeAll(
    engine,
    index,
    rows.map((change) => ({
      id: change.model.orderId,
      version: change.model.version,
      source: toRow(change),
    })),
  );
}

interface Document {
  readonly id: string;
  readonly version: number;
  readonly source: object;
}

/** Answers the ids of those that were written: an older version, or the same again, is refused by the engine itself. */
async function writeAll(
  engine: SearchEngine,
  index: string,
  documents: readonly Document[],
): Promise<string[]> {
  if (documents.length === 0) return [];
  const lines = documents.flatMap(({ id, version, source }) => [
    { index: { _id: id, version, version_type: 'external' } },
    source,
  ]);
  const { items } = await engine.askLines<{ items: readonly { index: Written }[] }>(
    `/${index}/_bulk?filter_path=items.*._id,items.*.status,items.*.error`,
    lines,
  );
  return items.flatMap(({ index: { _id: id, status, error } }) => {
    if (error === undefined) return [id];
    if (status === CONFLICT) return [];
    throw toError(error, status);
  });
}

interface Written {
  readonly _id: string;
  readonly status: number;
  readonly error?: Complaint;
}

const toRow = ({ partition, offset, model }: Change) => ({
  orderId: model.orderId,
  version: model.version,
  partition,
  offset,
  status: model.status,
  customerId: model.customerId,
  skus: model.lines.map(({ sku }) => sku),
  words: model.lines.flatMap(({ name }) => wordsOf(name)),
  amount: model.total.amount,
  currency: model.total.currency,
  placedAt: model.placedAt,
  waitsFor: model.waitsFor?.service ?? null,
  model: model satisfies OrderReadModel,
});
