import { setTimeout as pause } from 'node:timers/promises';
import { type Change, type Counts, type Filter, facetLimit, type OrderStore } from './order-store.ts';
import { type Row, readPositions, toDocument, writeAll, writePosition } from './search-documents.ts';
import { type Complaint, type SearchEngine, SearchRefusal, toError, WritersHeld } from './search-engine.ts';
import { areWritersHeld, generationOf, releaseWriters } from './search-index.ts';
import {
  changesRequest,
  type FacetEdge,
  facetEdgeRequest,
  facetRequest,
  facetTieRequest,
  searchRequest,
} from './search-request.ts';
import { createSharing } from './sharing.ts';

export interface OpenSearchStoreOptions {
  readonly engine: SearchEngine;
  /** An alias, or a generation's own name: search-index.ts. */
  readonly index: string;
  /** Of orders.read-model. */
  readonly partitions: number;
  /** How long a write waits while a rebuild switches, ms. Default 12,000: longer than that may take. Then it goes on without it. */
  readonly switchMs?: number;
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
      await ready();
      return readPositions(engine, index, partitions);
    },
    async upsert(changes, partition, nextOffset) {
      await ready();
      const taken = new Set<string>();
      await pastHeldWriters(options, async () => {
        // Both indexes of one generation, whatever the alias leads to meanwhile.
        const generation = await generationOf(engine, index);
        if (generation === undefined) throw new SearchRefusal('index_not_found_exception', index);
        for (const id of await writeOrders(engine, generation, changes)) taken.add(id);
        // Who is told how far the store is finds all up to there.
        if (changes.length > 0) await makeVisible();
        await writePosition(engine, generation, partition, nextOffset);
      });
      return [...taken];
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

const countsOf = ({ buckets }: Buckets): Counts =>
  Object.fromEntries(buckets.map(({ key, doc_count: count }) => [key, count]));

/** Between two tries to write to what is switched, ms. */
const BREATH_MS = 50;

/**
 * While a rebuild switches nobody can write: done again, by then perhaps to the next generation. One that takes too long has lost its
 * hold: it may have been killed.
 */
async function pastHeldWriters(
  { engine, index, switchMs = 12_000 }: OpenSearchStoreOptions,
  write: () => Promise<void>,
): Promise<void> {
  const until = Date.now() + switchMs;
  for (;;) {
    const isPatient = Date.now() < until;
    try {
      await write();
      return;
    } catch (error) {
      if (!(error instanceof WritersHeld)) throw error;
      if (!isPatient) {
        const live = await generationOf(engine, index);
        // A full disk, for one, is none of ours.
        if (live === undefined || !(await areWritersHeld(engine, live))) throw error;
        await releaseWriters(engine, live);
      }
      await pause(BREATH_MS);
    }
  }
}

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
  return writeAll(engine, index, rows.map(toDocument));
}
