import { randomUUID } from 'node:crypto';
import { type ScratchSearch, startScratchSearch } from '@skald/local-stack';
import { TransientError } from '@skald/messaging';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeOrderGenerations } from '../tests/generations-conformance.ts';
import { modelNumber } from '../tests/given.ts';
import { describeOrderStore } from '../tests/store-conformance.ts';
import { createOpenSearchGenerations } from './opensearch-generations.ts';
import { createOpenSearchStore } from './opensearch-store.ts';
import { type Change, facetLimit, type OrderStore } from './order-store.ts';
import { type Row, readAll, writeAll } from './search-documents.ts';
import { createSearchEngine, type SearchEngine, SearchRefusal } from './search-engine.ts';
import {
  createGeneration,
  deleteGeneration,
  generationOf,
  holdWriters,
  pointTo,
  prepareIndex,
  releaseWriters,
} from './search-index.ts';

const PARTITIONS = 6;
let server: ScratchSearch;
let engine: SearchEngine;
beforeAll(async () => {
  server = await startScratchSearch();
  engine = createSearchEngine(server.url);
});
afterAll(async () => {
  await engine.close();
  await server.stop();
});

/** Each in an index of its own. */
function openStore(index = `orders-of-${randomUUID()}`, options: { readonly switchMs?: number } = {}) {
  const prepare = () => prepareIndex(engine, index);
  const store = createOpenSearchStore({ engine, index, partitions: PARTITIONS, prepare, ...options });
  return { index, store };
}

const change = (number: number, offset: number, part: Parameters<typeof modelNumber>[1] = {}): Change => ({
  partition: 0,
  offset,
  model: modelNumber(number, part),
});

describeOrderStore('OpenSearch', async () => {
  const { index, store } = openStore();
  await store.positions();
  let generation = 1;
  return {
    store,
    // As a rebuild does.
    async empty() {
      const [old, next] = [`${index}-${generation}`, `${index}-${generation + 1}`];
      await createGeneration(engine, next);
      await pointTo(engine, index, next);
      await deleteGeneration(engine, old);
      generation += 1;
    },
    close: async () => undefined,
  };
});

describeOrderGenerations('OpenSearch', async () => {
  const { index, store } = openStore();
  return {
    store,
    generations: createOpenSearchGenerations({ engine, alias: index, partitions: PARTITIONS }),
    async tamper(orderId) {
      const rows = await readAll<Row>(engine, index, [orderId]);
      const row = rows.get(orderId);
      if (row === undefined) throw new Error(`no ${orderId}`);
      const source = { ...row, model: { ...row.model, customerId: 'nobody' } };
      await writeAll(engine, index, [{ id: orderId, version: row.version, source }], { replaces: true });
    },
    close: async () => undefined,
  };
});

describe('a generation of the index', () => {
  it('is made at the first need, once, however many ask for it at a time', async () => {
    const { index, store } = openStore();
    const other = openStore(index).store;
    await Promise.all([
      store.upsert([change(1, 0)], 0, 1),
      other.positions(),
      other.get(modelNumber(1).orderId),
    ]);
    expect(await generationOf(engine, index)).toBe(`${index}-1`);
    expect(await other.get(modelNumber(1).orderId)).toMatchObject({ version: 1 });
  });

  it('is swapped for another with its positions, at once, and swapped back', async () => {
    const { index, store } = openStore();
    await store.upsert([change(1, 0)], 0, 1);
    const [before, after] = [`${index}-1`, `${index}-2`];
    await createGeneration(engine, after);
    const beside = createOpenSearchStore({ engine, index: after, partitions: PARTITIONS });
    await beside.upsert([change(1, 0), change(2, 1)], 0, 2);
    expect(await store.search({ filter: {}, sort: 'newest', limit: 9 })).toHaveLength(1);
    await pointTo(engine, index, after);
    expect(await store.search({ filter: {}, sort: 'newest', limit: 9 })).toHaveLength(2);
    expect(await store.positions()).toEqual(new Map([[0, 2]]));
    await pointTo(engine, index, before);
    expect(await store.positions()).toEqual(new Map([[0, 1]]));
  });

  it('that is swapped while its writers are held back loses nothing: they go on with the next', async () => {
    const { index, store } = openStore();
    await store.upsert([change(1, 0)], 0, 1);
    const [before, after] = [`${index}-1`, `${index}-2`];
    await createGeneration(engine, after);
    await holdWriters(engine, before);
    let isTaken = false;
    const writing = store.upsert([change(2, 1)], 0, 2).then((taken) => {
      isTaken = true;
      return taken;
    });
    expect(await store.positions()).toEqual(new Map([[0, 1]]));
    expect(await store.get(modelNumber(1).orderId)).toBeDefined();
    expect(isTaken).toBe(false);
    await pointTo(engine, index, after);
    expect(await writing).toEqual([modelNumber(2).orderId]);
    expect(await store.get(modelNumber(2).orderId)).toBeDefined();
    expect(await store.positions()).toEqual(new Map([[0, 2]]));
    await pointTo(engine, index, before);
    await releaseWriters(engine, before);
    await store.upsert([change(2, 1)], 0, 2);
    expect(await store.positions()).toEqual(new Map([[0, 2]]));
  });

  it('whose writers are held back by a rebuild that is gone goes on; and moves nothing if it wakes up', async () => {
    const { index, store } = openStore(undefined, { switchMs: 200 });
    await store.upsert([change(1, 0)], 0, 1);
    await createGeneration(engine, `${index}-2`);
    const hold = await holdWriters(engine, `${index}-1`);
    expect(await store.upsert([change(2, 1)], 0, 2)).toEqual([modelNumber(2).orderId]);
    await expect(pointTo(engine, index, `${index}-2`, hold)).rejects.toThrow(TransientError);
    expect(await generationOf(engine, index)).toBe(`${index}-1`);
    expect(await store.upsert([change(3, 2)], 0, 3)).toEqual([modelNumber(3).orderId]);
  });

  it('that is closed for writing by others, as where the disk is full, is away', async () => {
    const { index, store } = openStore(undefined, { switchMs: 200 });
    await store.upsert([change(1, 0)], 0, 1);
    const closed = { 'index.blocks.read_only_allow_delete': true };
    await engine.ask('PUT', `/${index}-1/_settings`, closed);
    await expect(store.upsert([change(2, 1)], 0, 2)).rejects.toThrow(TransientError);
    await engine.ask('PUT', `/${index}-1/_settings`, { 'index.blocks.read_only_allow_delete': null });
    expect(await store.upsert([change(2, 1)], 0, 2)).toEqual([modelNumber(2).orderId]);
  });

  it('holds what its mapping knows and nothing else', async () => {
    const { index, store } = openStore();
    await store.upsert([], 0, 1);
    const stray = engine.ask('PUT', `/${index}/_doc/1`, { unknown: 1 });
    await expect(stray).rejects.toThrow(SearchRefusal);
  });
});

describe('facets', () => {
  it('of more orders than are counted are those of the newest', async () => {
    const { store } = openStore();
    const MORE = 500;
    const waitsFor = { service: 'payment', verb: 'charge' };
    for (let from = 0; from < facetLimit + MORE; from += 2_100) {
      // All of one moment in pairs, so that the edge lies between two of one time.
      const changes = Array.from({ length: 2_100 }, (_, index) => {
        const number = from + index;
        const placedAt = modelNumber(number >> 1).placedAt;
        return change(number, number, number < MORE ? { placedAt, waitsFor } : { placedAt, waitsFor: null });
      });
      await store.upsert(changes, 0, from + 2_100);
    }
    expect(await store.facets({})).toMatchObject({ total: facetLimit, isWhole: false, waitsFor: {} });
    expect(await store.facets({ waitsFor: 'payment' })).toMatchObject({
      total: MORE,
      isWhole: true,
      waitsFor: { payment: MORE },
    });
  });
});

/** All that is asked of a store. */
const asked: readonly [string, (store: OrderStore) => Promise<unknown>][] = [
  ['positions', (store) => store.positions()],
  ['upsert', (store) => store.upsert([change(3, 5)], 0, 6)],
  ['get', (store) => store.get(modelNumber(1).orderId)],
  ['search', (store) => store.search({ filter: {}, sort: 'newest', limit: 1 })],
  ['facets', (store) => store.facets({})],
  ['changes', (store) => store.changes(new Map(), 1)],
];

describe('an index that somebody has deleted', () => {
  it('is refused by all that is asked of it, so that the process ends, and fills a new one', async () => {
    const { index, store } = openStore();
    await store.upsert([change(1, 0)], 0, 1);
    await deleteGeneration(engine, `${index}-1`);
    for (const [name, ask] of asked) await expect(ask(store), name).rejects.toThrow(SearchRefusal);
  });
});

it('an engine that is away when an index is to be made is asked again for the next that is needed', async () => {
  let isAway = true;
  const shaky: SearchEngine = {
    ...engine,
    async ask<Answer>(...request: Parameters<SearchEngine['ask']>) {
      if (isAway) throw new TransientError('SEARCH_UNAVAILABLE', 'away');
      return engine.ask<Answer>(...request);
    },
  };
  const index = `orders-of-${randomUUID()}`;
  const prepare = () => prepareIndex(shaky, index);
  const store = createOpenSearchStore({ engine: shaky, index, partitions: PARTITIONS, prepare });
  await expect(store.positions()).rejects.toThrow(TransientError);
  isAway = false;
  expect(await store.positions()).toEqual(new Map());
  expect(await store.upsert([change(1, 0)], 0, 1)).toHaveLength(1);
});

// Last, as it stops the engine that all use.
it('an engine that is away is an outage, for all that is asked of it', async () => {
  const { store } = openStore();
  await store.upsert([change(1, 0)], 0, 1);
  const neverSeen = openStore().store;
  await server.stop();
  for (const [name, ask] of asked) {
    await expect(ask(store), name).rejects.toThrow(TransientError);
    await expect(ask(neverSeen), name).rejects.toThrow(TransientError);
  }
});
