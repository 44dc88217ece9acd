import { topics } from '@skald/contracts';
import { eventually } from '@skald/testkit';
import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logger, orderCreated } from '../tests/given.ts';
import { createTestDatabase, stack, type TestDatabase } from '../tests/infrastructure.ts';
import { client, provisioned } from '../tests/kafka.ts';
import { createEventWriter } from '../tests/real-kernel.ts';
import { createInputReader } from './input-reader.ts';
import type { ConsumedRecord } from './log-client.ts';
import { createRecordFollower } from './record-follower.ts';
import { createStanding, isPublished, outboxEnd } from './standing.ts';

const topic = 'orders.events';
const group = `test-standing-${uuidv7()}`;
const orderId = uuidv7();
const standing = createStanding({ clientId: 'test', brokers: stack.addresses.kafka.brokers }, logger);
const taken: ConsumedRecord[] = [];
const follower = createRecordFollower(client, {
  group,
  topics: [topic],
  logger,
  handle: async (records) => void taken.push(...records),
});
let writer: Awaited<ReturnType<typeof createEventWriter>>;
let database: TestDatabase;

beforeAll(async () => {
  await provisioned();
  database = await createTestDatabase();
  writer = await createEventWriter('OrderCreated');
  await writer.send([writer.toRecord('OrderCreated', orderCreated({ orderId }), 1)]);
});
afterAll(() => Promise.all([writer.close(), database.drop()]));

describe('how far a log and a group are', () => {
  it('is told by each partition’s end, and by what the group has committed; what it has read, a follower tells itself', async () => {
    const ends = await standing.ends([topic]);
    expect(ends).toHaveLength(topics[topic].partitions);
    // A Kafka that has only just started may not know yet who coordinates the group.
    await eventually(async () => !(await standing.hasCommitted(group, ends)), {
      what: 'it is known of none',
    });
    follower.start();
    await eventually(() => standing.hasCommitted(group, ends), { what: 'the group has committed' });
    const held = ends.filter(({ offset }) => offset > 0);
    expect(held.length).toBeGreaterThan(0);
    for (const { partition, offset } of held)
      expect(follower.reached().get(`${topic}/${partition}`)).toBeGreaterThanOrEqual(offset);
  });

  it('is forgotten with the group', async () => {
    await follower.stop();
    await standing.forget(group);
    expect(await standing.hasCommitted(group, await standing.ends([topic]))).toBe(false);
    await standing.forget(group);
  });

  it('is told by an outbox as what is drawn, and what Kafka has acknowledged', async () => {
    expect(await outboxEnd(database)).toBe(0);
    expect(await isPublished(database, 0)).toBe(true);
    await database.query("INSERT INTO messaging.outbox (entry) VALUES ('')");
    const end = await outboxEnd(database);
    expect(end).toBe(1);
    expect(await isPublished(database, end)).toBe(false);
    await database.query('UPDATE messaging.relay SET low = $1', [end]);
    expect(await isPublished(database, end)).toBe(true);
  });
});

it('a record is read for a program as a service would get it, or as it would be poison', async () => {
  const read = createInputReader(stack.addresses.registry);
  const record = taken.find(({ key }) => key?.toString() === orderId) as ConsumedRecord;
  const [good, ...others] = await read([
    record,
    { ...record, value: Buffer.from('no event') },
    { ...record, topic: 'payments.events' },
  ]);
  const { partition, offset } = record;
  const input = {
    kind: 'event',
    name: 'OrderCreated',
    key: orderId,
    sequence: 1,
    place: { partition, offset },
  };
  expect(good).toMatchObject({ result: 'input', input });
  expect(others).toMatchObject([
    { result: 'failed', error: { code: 'UNDECODABLE' } },
    { result: 'failed', error: { code: 'WRONG_TOPIC' } },
  ]);
});
