import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';

const exclude = [...configDefaults.exclude, '**/dist/**'];
const simulation = 'tests/simulation/*.unit.test.ts';

/** Faults that come one at a time, and leave the machine time for another. */
const outages = [
  ...['outages', 'quarantine', 'three-brokers', 'order-view'].map(
    (name) => `tests/faults/${name}.e2e.test.ts`,
  ),
  'tests/e2e/search-engine.e2e.test.ts',
];

/**
 * Seven kinds of test, one after the other, so that none is slow because of another: `npx vitest run --project e2e`.
 * The stacks of the last ones start when their first file asks for them.
 */
export default defineConfig({
  // Workspace packages are run from their sources.
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'], externalConditions: ['source'] } },
  test: {
    // A stack takes its time to stop in order.
    teardownTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{packages,services}/*/{src,tests}/**/*.unit.test.ts', 'tests/**/*.unit.test.ts'],
          exclude: [...exclude, simulation],
          sequence: { groupOrder: 0 },
          // Pure: nothing is left behind that another file could trip over, and what one has imported, all have.
          isolate: false,
          maxWorkers: availableParallelism(),
          testTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'simulation',
          include: [simulation],
          exclude,
          // Its threads take the whole machine.
          sequence: { groupOrder: 1 },
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'int',
          include: ['{packages,services}/*/{src,tests}/**/*.int.test.ts', 'tests/**/*.int.test.ts'],
          exclude,
          globalSetup: ['tests/int/global-setup.ts'],
          sequence: { groupOrder: 2 },
          // A worker loads the clients of Kafka, registry and Postgres once: it took a third of the time.
          isolate: false,
          // They wait more than they work. Each worker has an infrastructure of its own: see there.
          maxWorkers: process.env['SKALD_TEST_INFRASTRUCTURE'] ? 1 : 3,
          testTimeout: 60_000,
          hookTimeout: 240_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['tests/e2e/**/*.e2e.test.ts'],
          exclude: [...exclude, ...outages],
          globalSetup: ['tests/e2e/global-setup.ts'],
          sequence: { groupOrder: 3 },
          isolate: false,
          // Some stop a service: each worker has a stack of its own.
          maxWorkers: process.env['SKALD_TEST_STACK'] ? 1 : 2,
          testTimeout: 60_000,
          hookTimeout: 240_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['tests/browser/**/*.e2e.test.ts'],
          exclude,
          globalSetup: ['tests/browser/global-setup.ts'],
          sequence: { groupOrder: 4 },
          fileParallelism: false,
          testTimeout: 90_000,
          hookTimeout: 300_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'outages',
          include: outages,
          exclude,
          sequence: { groupOrder: 5 },
          // Each has a stack of its own, with few orders, and waits most of the time for what is away.
          maxWorkers: 3,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'faults',
          include: ['tests/faults/**/*.e2e.test.ts'],
          exclude: [...exclude, ...outages],
          sequence: { groupOrder: 6 },
          // These take the whole machine.
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
