import { createTopicReader, type TopicReader } from '@skald/auditor';
import { eventually } from '@skald/testkit';
import { uuidv7 } from 'uuidv7';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { orderCreated } from '../tests/given.ts';
import { createTestDatabase, stack, type TestDatabase } from '../tests/infrastructure.ts';
import { provisioned, read } from '../tests/kafka.ts';
import { createEventWriter, createRealKernel, type RealKernel } from '../tests/real-kernel.ts';
import { OverloadError } from './errors.ts';

const MESSAGES = 'messaging_messages_total';
const NOBODY = '127.0.0.1:1';
let database: TestDatabase;
let writer: Awaited<ReturnType<typeof createEventWriter>>;
let topics: TopicReader;
let kernels: RealKernel[] = [];

beforeAll(async () => {
  await provisioned();
  writer = await createEventWriter('OrderCreated', 'StockReserved');
  topics = createTopicReader(stack.addresses);
});
beforeEach(async () => {
  database = await createTestDatabase(false);
});
afterEach(async () => {
  await Promise.all(kernels.map((kernel) => kernel.stop()));
  kernels = [];
  await database.drop();
});
afterAll(() => Promise.all([writer.close(), topics.close()]));

const create = (
  ...args: Parameters<typeof createRealKernel> extends [string, ...infer Rest] ? Rest : never
) => {
  const kernel = createRealKernel(database.url, ...args);
  kernels.push(kernel);
  return kernel;
};
const place = async (count: number, paymentMethod = 'tok_visa') => {
  const orders = Array.from({ length: count }, () => orderCreated({ orderId: uuidv7(), paymentMethod }));
  await writer.send(orders.map((order) => writer.toRecord('OrderCreated', order)));
  return orders.map(({ orderId }) => orderId);
};
const counted = async (ids: readonly string[]) =>
  (await database.query<{ count: number }>('SELECT count FROM tallies WHERE order_id = ANY ($1)', [ids])).map(
    ({ count }) => count,
  );
const allCounted = (ids: readonly string[], count = 1) =>
  eventually(async () => (await counted(ids)).filter((found) => found === count).length === ids.length);
const allPublished = (ids: readonly string[]) =>
  eventually(async () => (await read('payments.events', ...ids)).length === ids.length);
const isRead = () =>
  eventually(async () => {
    const committed = await topics.committed('payment', ['orders.events']);
    return (await topics.ends(['orders.events'])).every(
      ({ topic, partition, end }) => (committed.get(`${topic}/${partition}`) ?? 0) >= end,
    );
  });

describe('a service', () => {
  it('that starts twice at once migrates once, and shares the work', async () => {
    const both = [create(), create()];
    await Promise.all(both.map((kernel) => kernel.start()));
    const ids = await place(200);
    await allCounted(ids);
    await allPublished(ids);
    await eventually(async () => {
      const holders = await topics.assignments('payment');
      return holders.size === 12 && new Set(holders.values()).size === 2;
    });
  });

  it('goes from an event over an effect to the event that follows', async () => {
    const kernel = create();
    await kernel.start();
    const [id = ''] = await place(1, 'tok_charge');
    const [event] = await eventually(async () => {
      const found = await read('payments.events', id);
      return found.length > 0 && found;
    });
    expect(event?.headers).toMatchObject({
      ce_type: 'PaymentCompleted',
      ce_source: '/skald/payment',
      ce_sequence: '1',
      ce_correlationid: 'correlation-1',
    });
    await allCounted([id], 2);
    expect(kernel.status()).toMatchObject({ database: true, consumer: 'running' });
  });

  it('takes each event once while instances come and go', { timeout: 120_000 }, async () => {
    const stays = create();
    await stays.start();
    const ids: string[] = [];
    for (let round = 0; round < 3; round += 1) {
      const comes = create();
      await comes.start();
      ids.push(...(await place(300)));
      await eventually(async () => (await counted(ids)).length > ids.length - 200);
      await comes.stop();
      ids.push(...(await place(50)));
    }
    await allCounted(ids);
    expect(await counted(ids)).toEqual(ids.map(() => 1));
    const poison = await Promise.all(kernels.map((kernel) => kernel.count(MESSAGES, 'outcome')));
    expect(poison.every((counts) => counts['poison'] === undefined)).toBe(true);
  });

  it('that stops has committed what it has done: the next one reads nothing twice', async () => {
    const first = create();
    await first.start();
    const ids = await place(100);
    await allCounted(ids);
    await first.stop();
    expect(first.status().consumer).toBe('stopped');
    await isRead();
    const second = create();
    await second.start();
    await allCounted(await place(1));
    expect(await second.count(MESSAGES, 'outcome')).toEqual({ applied: 1 });
  });

  it('has read a topic to its end when it says so', async () => {
    const ids = await place(300);
    const kernel = create();
    await kernel.start();
    await eventually(() => kernel.hasReadToEnd('orders.events'));
    expect(await counted(ids)).toHaveLength(300);
    await eventually(() => kernel.hasReadToEnd('inventory.events'));
  });

  it('in transactional mode reads and publishes all the same, to the very end', async () => {
    const kernel = create({ relayMode: 'transactional' });
    await kernel.start();
    const ids = await place(50);
    await allCounted(ids);
    await allPublished(ids);
    await isRead();
  });
});

describe('a stop', () => {
  const timed = async (kernel: RealKernel) => {
    const begun = performance.now();
    await kernel.stop();
    return performance.now() - begun;
  };

  it('leaves nothing running', async () => {
    const round = async () => {
      const kernel = create();
      await kernel.start();
      await allCounted(await place(10));
      await kernel.stop();
    };
    // The first one has all that the tests' own clients open.
    await round();
    const before = process.getActiveResourcesInfo().length;
    await round();
    await eventually(() => process.getActiveResourcesInfo().length <= before, { timeoutMs: 5_000 });
  });

  it('is quick before there ever was a Kafka; until then commands are taken', async () => {
    const kernel = create({ brokers: [NOBODY] });
    await kernel.start();
    expect(await kernel.submit({ name: 'note', key: uuidv7(), data: undefined })).toEqual({ count: 1 });
    await eventually(() => kernel.status().waitingFor === 'Kafka');
    expect(await timed(kernel)).toBeLessThan(5_000);
    await expect(kernel.submit({ name: 'note', key: 'k', data: undefined })).rejects.toThrow(OverloadError);
  });

  it.each([
    ['Postgres', () => createRealKernel(`postgres://nobody@${NOBODY}/none`)],
    ['the schema registry', () => create({ registryUrl: `http://${NOBODY}` })],
  ])('is quick, and the start ends in peace, before there ever was %s', async (what, createIt) => {
    const kernel = createIt();
    const starting = kernel.start();
    await eventually(() => kernel.status().waitingFor === what);
    await expect(kernel.submit({ name: 'note', key: 'k', data: undefined })).rejects.toThrow(OverloadError);
    expect(await timed(kernel)).toBeLessThan(5_000);
    await starting;
  });

  it('twice is one', async () => {
    const kernel = create();
    await kernel.start();
    await Promise.all([kernel.stop(), kernel.stop()]);
    await kernel.stop();
  });
});

describe('a start', () => {
  it('fails for a password that is wrong, and for migrations that are not there', async () => {
    const url = new URL(database.url);
    url.password = 'wrong';
    const stranger = createRealKernel(url.href);
    await expect(stranger.start()).rejects.toMatchObject({ code: 'MIGRATION_FAILED' });
    await stranger.stop();
    await expect(create({}, { migrations: '/no/such/folder' }).start()).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
    });
  });
});

describe('without Kafka', () => {
  it('commands are taken until too much waits for it, and then told when to come again', async () => {
    const kernel = create({ brokers: [NOBODY] });
    await kernel.start();
    const submit = () => kernel.submit({ name: 'note', key: uuidv7(), data: undefined });
    expect(await submit()).toEqual({ count: 1 });
    // As many positions as a long outage leaves behind.
    await database.query("SELECT setval('messaging.outbox_position', 20001)");
    await eventually(() => kernel.status().outboxDepth > 20_000);
    await expect(submit()).rejects.toMatchObject({ code: 'OUTBOX_FULL', retryAfterSeconds: 5 });
    await kernel.stop();
  });
});
