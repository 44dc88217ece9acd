import { describeOrderStore } from '../tests/store-conformance.ts';
import { createOpenSearchStore } from './opensearch-store.ts';
import { createSearchEngine } from './search-engine.ts';
import { createGeneration, deleteGeneration, pointTo, prepareIndex } from './search-index.ts';

const url = process.env['DEV_SEARCH'] ?? '';
const PARTITIONS = 6;
describeOrderStore('OpenSearch', async () => {
  const engine = createSearchEngine(url);
  const index = `t${Date.now()}`;
  const store = createOpenSearchStore({ engine, index, partitions: PARTITIONS, prepare: () => prepareIndex(engine, index) });
  let generation = 1;
  return {
    store,
    // As a rebuild does.
    async empty() {
      await store.positions();
      await createGeneration(engine, `${index}-${generation + 1}`);
      await pointTo(engine, index, `${index}-${generation + 1}`);
      await deleteGeneration(engine, `${index}-${generation}`);
      generation += 1;
    },
    close: () => engine.close(),
  };
});
