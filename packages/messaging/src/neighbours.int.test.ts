import { createTopicReader } from '@skald/auditor';
import { eventually } from '@skald/testkit';
import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logger, orderCreated } from '../tests/given.ts';
import { stack } from '../tests/infrastructure.ts';
import { client, provisioned } from '../tests/kafka.ts';
import { createEventWriter } from '../tests/real-kernel.ts';
import { createRangeReader } from './kafkajs-reader.ts';
import { createSurroundings } from './neighbours.ts';
import { createRecordFollower } from './record-follower.ts';

const settings = {
  clientId: 'test-look',
  brokers: stack.addresses.kafka.brokers,
  registryUrl: stack.addresses.registry,
};
const topic = 'orders.events';
const topics = createTopicReader(stack.addresses);
const orderId = uuidv7();
let writer: Awaited<ReturnType<typeof createEventWriter>>;
let own: { partition: number; offset: number }[];

beforeAll(async () => {
  await provisioned();
  writer = await createEventWriter('OrderCreated', 'OrderConfirmed');
  const noise = () =>
    Array.from({ length: 20 }, () => writer.toRecord('OrderCreated', orderCreated({ orderId: uuidv7() })));
  for (const sequence of [1, 2, 3, 4]) {
    const event =
      sequence === 3
        ? writer.toRecord('OrderConfirmed', { orderId, shipmentId: uuidv7(), confirmedAt: 1 }, sequence)
        : writer.toRecord('OrderCreated', orderCreated({ orderId }), sequence);
    await writer.send([...noise(), event, ...noise()]);
  }
  own = (await topics.read([topic])).filter(({ key }) => key?.toString() === orderId);
});
afterAll(() => Promise.all([writer.close(), topics.close()]));

describe('what lies around a record', () => {
  it('is its key’s events before and after it, decoded', async () => {
    const [, second] = own;
    const { before, after, from, to } = await createSurroundings(settings, logger).of({
      topic,
      partition: second?.partition ?? -1,
      offset: second?.offset ?? -1,
      key: Buffer.from(orderId),
    });
    expect(before.map(({ offset, sequence }) => [offset, sequence])).toEqual([[own[0]?.offset, 1]]);
    expect(after.map(({ sequence, content }) => [sequence, 'name' in content && content.name])).toEqual([
      [3, 'OrderConfirmed'],
      [4, 'OrderCreated'],
    ]);
    expect(after[1]?.content).toMatchObject({ data: { orderId } });
    expect(from).toBeLessThanOrEqual(own[0]?.offset ?? -1);
    const ends = await topics.ends([topic]);
    expect(to).toBe(ends.find(({ partition }) => partition === second?.partition)?.end);
  });

  it('is nothing where there is nothing', async () => {
    const empty = await createSurroundings(settings, logger).of({
      topic: 'email.events',
      partition: 0,
      offset: 1_000_000,
      key: null,
    });
    expect([...empty.before, ...empty.after]).toEqual([]);
  });

  it('is read within bounds: what is nearest, when there is too much', async () => {
    const reader = createRangeReader(settings, logger);
    const last = own[3] ?? { partition: -1, offset: -1 };
    const { records, readTo } = await reader.read({
      topic,
      partition: last.partition,
      from: 0,
      to: last.offset,
      maxBytes: 1,
      timeoutMs: 10_000,
    });
    expect(records.length).toBeGreaterThan(0);
    expect(readTo).toBeLessThan(last.offset);
  });
});

describe('a follower of real topics', () => {
  it('hands over all there is, and goes on from there when it comes back', async () => {
    const group = `follower-${uuidv7()}`;
    const seen: string[] = [];
    const follow = () =>
      createRecordFollower(client, {
        group,
        topics: [topic],
        logger,
        async handle(records) {
          seen.push(...records.map(({ partition, offset }) => `${partition}/${offset}`));
        },
      });
    const count = async () => (await topics.read([topic])).length;
    const first = follow();
    first.start();
    const before = await count();
    await eventually(() => seen.length >= before);
    await first.stop();
    await writer.send(
      Array.from({ length: 30 }, () => writer.toRecord('OrderCreated', orderCreated({ orderId: uuidv7() }))),
    );
    const second = follow();
    second.start();
    const after = await count();
    await eventually(() => new Set(seen).size >= after);
    await second.stop();
    expect(seen).toHaveLength(new Set(seen).size);
    const ends = await topics.ends([topic]);
    const committed = await topics.committed(group, [topic]);
    expect(
      ends.filter(({ partition, end }) => end > 0 && committed.get(`${topic}/${partition}`) !== end),
    ).toEqual([]);
  });
});
