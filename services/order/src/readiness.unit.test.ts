import type { Kernel, KernelStatus } from '@skald/messaging';
import { beforeEach, expect, it } from 'vitest';
import { createCatalogue } from './catalogue.ts';
import { createReadiness } from './readiness.ts';

let status: Pick<KernelStatus, 'database' | 'consumer'>;
let hasReadToEnd: boolean;
let catalogue: ReturnType<typeof createCatalogue>;
const isReady = (readiness: ReturnType<typeof createReadiness>) => readiness().every(({ ready }) => ready);
const sell = () =>
  catalogue.learn([{ sku: 'A', name: 'A', unitPrice: { amount: 1, currency: 'EUR' }, sequence: 1 }]);

function start() {
  const kernel = {
    status: () => status,
    readiness: () => [{ name: 'database', ready: status.database }],
    hasReadToEnd: () => hasReadToEnd,
  } as unknown as Kernel;
  return createReadiness(kernel, catalogue);
}

beforeEach(() => {
  status = { database: true, consumer: 'running' };
  hasReadToEnd = false;
  catalogue = createCatalogue();
});

it('is not ready before the catalogue is read to its end, however full it is', () => {
  const readiness = start();
  sell();
  expect(isReady(readiness)).toBe(false);
  hasReadToEnd = true;
  expect(isReady(readiness)).toBe(true);
});

it('is not ready with nothing to sell', () => {
  hasReadToEnd = true;
  expect(isReady(start())).toBe(false);
});

it('is ready with what the database holds while Kafka is away', () => {
  status = { database: true, consumer: 'waiting' };
  sell();
  expect(isReady(start())).toBe(true);
});

it('stays ready while partitions are assigned anew, but not without a database', () => {
  const readiness = start();
  sell();
  hasReadToEnd = true;
  expect(isReady(readiness)).toBe(true);
  hasReadToEnd = false;
  status = { database: true, consumer: 'starting' };
  expect(isReady(readiness)).toBe(true);
  status = { database: false, consumer: 'running' };
  expect(isReady(readiness)).toBe(false);
});
