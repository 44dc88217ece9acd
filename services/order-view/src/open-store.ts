import type { Database, Queryable } from '@skald/messaging';
import type { OrderGenerations } from './order-generations.ts';
import type { OrderStore } from './order-store.ts';
import { createPostgresGenerations } from './postgres-generations.ts';
import { createPostgresStore } from './postgres-store.ts';

/** The alias that the read model is found by in the search engine. */
const ALIAS = 'orders';

export interface OpenStore {
  readonly store: OrderStore;
  /** For people. */
  readonly storeName: 'Postgres' | 'the search engine';
  /** What the name of its consumer group ends with: who follows into one store takes no partition from who follows into the other. */
  readonly follower: 'store' | 'search';
  close(): Promise<void>;
}

/**
 * The store that is read: in a search engine if there is one, else in the database. Waits for neither. `partitions`: of
 * orders.read-model.
 */
export async function openStore(
  database: Queryable,
  partitions: number,
  searchUrl: string | undefined,
): Promise<OpenStore> {
  if (searchUrl === undefined)
    return {
      store: createPostgresStore(database, partitions),
      storeName: 'Postgres',
      follower: 'store',
      close: async () => undefined,
    };
  // Its client takes a while to load: only where it is needed.
  const [{ createOpenSearchStore }, { createSearchEngine }, { prepareIndex }] = await Promise.all([
    import('./opensearch-store.ts'),
    import('./search-engine.ts'),
    import('./search-index.ts'),
  ]);
  const engine = createSearchEngine(searchUrl);
  const prepare = () => prepareIndex(engine, ALIAS);
  return {
    store: createOpenSearchStore({ engine, index: ALIAS, partitions, prepare }),
    storeName: 'the search engine',
    follower: 'search',
    close: () => engine.close(),
  };
}

export interface OpenGenerations {
  readonly generations: OrderGenerations;
  close(): Promise<void>;
}

/** The generations of the very store that `openStore` answers for the same. */
export async function openGenerations(
  database: Pick<Database, 'query' | 'connect'>,
  partitions: number,
  searchUrl: string | undefined,
): Promise<OpenGenerations> {
  if (searchUrl === undefined)
    return { generations: createPostgresGenerations(database), close: async () => undefined };
  const [{ createOpenSearchGenerations }, { createSearchEngine }] = await Promise.all([
    import('./opensearch-generations.ts'),
    import('./search-engine.ts'),
  ]);
  const engine = createSearchEngine(searchUrl);
  return {
    generations: createOpenSearchGenerations({ engine, alias: ALIAS, partitions }),
    close: () => engine.close(),
  };
}
