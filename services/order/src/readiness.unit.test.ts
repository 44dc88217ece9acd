import type { Kernel, KernelStatus } from '@skald/messaging';
import { beforeEach, expect, it } from 'vitest';
import { createCatalogue } from './catalogue.ts';
import { createReadiness } from './readiness.ts';

let status: Pick<KernelStatus, 'database' | 'consumer'>;
let hasReadToEnd: boolean;
let isKafkaAway: boolean;
let catalogue: ReturnType<typeof createCatalogue>;
const isReady = (readiness: ReturnType<typeof createReadiness>) => readiness().every(({ ready }) => ready);
const becomesReady = (readiness: ReturnType<typeof createReadiness>) =>
  expect.poll(() => isReady(readiness)).toBe(true);
const sell = () =>
  catalogue.learn([{ sku: 'A', name: 'A', unitPrice: { amount: 1, currency: 'EUR' }, sequence: 1 }]);

const settle = () => new Promise((resolve) => setImmediate(resolve));

function start() {
  const kernel = {
    status: () => status,
    readiness: () => [{ name: 'database', ready: status.database }],
    hasReadToEnd: async () => {
      if (isKafkaAway) throw new Error('Kafka is away');
      return hasReadToEnd;
    },
  } as unknown as Kernel;
  return createReadiness(kernel, catalogue);
}

beforeEach(() => {
  status = { database: true, consumer: 'running' };
  hasReadToEnd = false;
  isKafkaAway = false;
  catalogue = createCatalogue();
});

it('is not ready before the catalogue is read to its end, however full it is', async () => {
  const readiness = start();
  sell();
  expect(isReady(readiness)).toBe(false);
  await settle();
  expect(isReady(readiness)).toBe(false);
  hasReadToEnd = true;
  await becomesReady(readiness);
});

it('asks again when Kafka was away, and could not say where its topic ends', async () => {
  const readiness = start();
  sell();
  isKafkaAway = true;
  expect(isReady(readiness)).toBe(false);
  await settle();
  isKafkaAway = false;
  hasReadToEnd = true;
  await becomesReady(readiness);
});

it('is not ready with nothing to sell', async () => {
  hasReadToEnd = true;
  const readiness = start();
  expect(isReady(readiness)).toBe(false);
  await settle();
  expect(isReady(readiness)).toBe(false);
});

it('is ready with what the database holds while Kafka is away', () => {
  status = { database: true, consumer: 'waiting' };
  sell();
  expect(isReady(start())).toBe(true);
});

it('stays ready while partitions are assigned anew, but not without a database', async () => {
  const readiness = start();
  sell();
  hasReadToEnd = true;
  await becomesReady(readiness);
  hasReadToEnd = false;
  status = { database: true, consumer: 'starting' };
  expect(isReady(readiness)).toBe(true);
  status = { database: false, consumer: 'running' };
  expect(isReady(readiness)).toBe(false);
});
