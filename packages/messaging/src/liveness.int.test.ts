import { eventually } from '@skald/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createFakeKafka } from '../tests/fake-publisher.ts';
import { logger } from '../tests/given.ts';
import { createTestDatabase, type TestDatabase } from '../tests/infrastructure.ts';
import { createOutboxWriter } from '../tests/outbox-writer.ts';
import { createLiveness } from './liveness.ts';
import { createRelay } from './relay.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

it('tells how many events wait for a relay that is held back, and for how long the oldest has, until it goes on', async () => {
  const kafka = createFakeKafka();
  kafka.isAway = true;
  const relay = createRelay({
    database,
    logger,
    createPublisher: kafka.createPublisher,
    pollMs: 50,
    onPublished: () => undefined,
  });
  relay.start();
  const writer = await createOutboxWriter(database);
  await writer.commit({ key: 'a', value: '1' });
  await writer.commit({ key: 'b', value: '2' });
  await database.query("UPDATE messaging.outbox SET created_at = created_at - interval '90 seconds'");
  await writer.commit({ key: 'c', value: '3' });
  const liveness = createLiveness(database, '0194aaaa-0000-7000-8000-000000000001', logger);
  await liveness.start();
  expect(liveness.outboxDepth).toBe(3);
  expect(liveness.outboxOldestSeconds).toBeGreaterThanOrEqual(90);
  expect(liveness.outboxOldestSeconds).toBeLessThan(150);
  kafka.isAway = false;
  await eventually(() => liveness.outboxDepth === 0 && liveness.outboxOldestSeconds === 0, {
    what: 'nothing waits any more',
  });
  await Promise.all([liveness.stop(), relay.stop(1_000), writer.close()]);
});
