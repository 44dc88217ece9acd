/** For the benchmark of the read model: every store, and the statements that Postgres is asked to explain. */
export { createOpenSearchStore } from './opensearch-store.ts';
export type { Change, Filter, OrderStore, Search } from './order-store.ts';
export { facetLimit, facetSkus } from './order-store.ts';
export { createPostgresStore } from './postgres-store.ts';
export { createSearchEngine } from './search-engine.ts';
export { prepareIndex } from './search-index.ts';
export { facetQuery, type Query, searchQuery } from './search-query.ts';

/** SQL that makes the tables of the store. */
export const storeMigration: URL = new URL('../migrations/002_orders.sql', import.meta.url);
