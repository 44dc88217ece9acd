import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { batchOf, createFakeLogClient, type FakeLogClient } from '../tests/fake-log-client.ts';
import { createFakeProgress } from '../tests/fake-progress.ts';
import { createFakeRegistry, type FakeRegistry, idOf } from '../tests/fake-registry.ts';
import { logger, orderCreated, record, wire } from '../tests/given.ts';
import { createCodec } from './codec.ts';
import { type Consumer, type ConsumerOptions, createConsumer } from './consumer.ts';
import { TransientError } from './errors.ts';
import type { Item } from './item.ts';
import { LINGER_MS } from './reaction-loop.ts';

const beat = vi.fn(async () => undefined);
const partitions = [0, 1].map((partition) => ({ topic: 'orders.events', partition }));
let client: FakeLogClient;
let registry: FakeRegistry;
let items: Item[];
let loop: {
  waiting: number;
  turn: Promise<void> | undefined;
  heldUpBy: string | undefined;
  add(more: readonly Item[]): void;
};
let wedged: Error[];
let consumer: Consumer;
let create: (reactor?: ConsumerOptions['reactor']) => Consumer;

beforeEach(async () => {
  client = createFakeLogClient();
  registry = createFakeRegistry();
  items = [];
  loop = { waiting: 0, turn: undefined, heldUpBy: undefined, add: (more) => items.push(...more) };
  wedged = [];
  beat.mockReset().mockResolvedValue(undefined);
  create = (reactor = {}) =>
    createConsumer({
      client,
      group: 'payment',
      topics: ['orders.events'],
      reactor,
      codec: createCodec(registry),
      logger,
      loop,
      progress: createFakeProgress().of('this process'),
      onLag: () => undefined,
      onWedged: (error) => wedged.push(error),
      watchMs: 30,
    });
  consumer = create();
});
afterEach(async () => {
  client.isAway = false;
  await consumer.stop();
});

const settle = () => new Promise((resolve) => setImmediate(resolve));
const eventually = (check: () => void) => vi.waitFor(check, { timeout: 15_000 });
const assigned = async () => {
  consumer.start();
  await settle();
  client.handler.onAssigned(partitions);
  await settle();
};
/** With the first batch of each partition behind it. */
const started = async () => {
  await assigned();
  const { add } = loop;
  loop.add = (more) => {
    for (const item of more) if (item.kind === 'message') item.done();
  };
  for (const { partition } of partitions)
    await client.handler.onRecords(
      batchOf([record('OrderCreated', orderCreated(), 1, { value: null })], 0, partition),
      beat,
    );
  loop.add = add;
  client.commits.length = 0;
  beat.mockClear();
};
const order = () => record('OrderCreated', orderCreated(), 1);
const finish = (index: number) => {
  const item = items[index];
  if (item?.kind === 'message') item.done();
};
const finishAll = () => {
  for (const index of items.keys()) finish(index);
  items = [];
};

describe('a fetch', () => {
  it('is handed on with a heartbeat for every wait, and not committed before it is done', async () => {
    await started();
    expect(await client.handler.onRecords(batchOf([order(), order()], 2), beat)).toBe(true);
    await eventually(() => expect(items).toHaveLength(2));
    await consumer.stop();
    expect(client.commits).toEqual([]);
  });

  it.each([
    ['its last record alone', [1], []],
    ['its first record, and the fetch behind it', [0, 2], []],
    ['both of its records', [1, 0], ['orders.events/0@2']],
    ['the fetch behind it, and then both of its records', [2, 1, 0], ['orders.events/0@3']],
  ])('is committed as far as nothing is left undone: done is %s', async (_what, inOrder, commits) => {
    await started();
    await client.handler.onRecords(batchOf([order(), order()], 2), beat);
    await client.handler.onRecords(batchOf([order()], 3), beat);
    for (const index of inOrder) finish(index);
    await consumer.stop();
    expect(client.commits).toEqual(commits);
  });

  it('is committed by the stop, if it was done before', async () => {
    await started();
    await client.handler.onRecords(batchOf([order(), order()], 2), beat);
    finishAll();
    await consumer.stop();
    expect(client.commits).toEqual(['orders.events/0@2']);
    expect(client.open).toBe(0);
  });

  it('is committed each second', async () => {
    await started();
    await client.handler.onRecords(batchOf([order()], 7), beat);
    finishAll();
    await eventually(() => expect(client.commits).toEqual(['orders.events/0@7']));
  });

  it('waits while too much waits already, with heartbeats, and says what holds it up', async () => {
    await started();
    loop.waiting = 5_000;
    loop.heldUpBy = 'Postgres';
    const taken = client.handler.onRecords(batchOf([order()], 1), beat);
    await eventually(() => expect(beat.mock.calls.length).toBeGreaterThan(3));
    expect(consumer.status()).toEqual({ state: 'waiting', waitingFor: 'Postgres' });
    expect(items).toEqual([]);
    loop.waiting = 0;
    expect(await taken).toBe(true);
    expect(consumer.status().state).toBe('running');
  });

  it('waits beside those of many other partitions, and Node sees no leak in that', async () => {
    await started();
    const warned = vi.fn();
    process.on('warning', warned);
    loop.waiting = 5_000;
    const taken = Array.from({ length: 12 }, (_, index) =>
      client.handler.onRecords(batchOf([order()], index + 1), beat),
    );
    await eventually(() => expect(beat.mock.calls.length).toBeGreaterThan(24));
    loop.waiting = 0;
    await Promise.all(taken);
    process.off('warning', warned);
    expect(warned).not.toHaveBeenCalled();
  });

  it('is handed on at once, and is the last one until the transaction that takes it in has ended', async () => {
    await started();
    let end: () => void = () => undefined;
    loop.turn = new Promise((resolve) => {
      end = resolve;
    });
    let isTaken = false;
    const taken = client.handler.onRecords(batchOf([order()], 1), beat).then(() => {
      isTaken = true;
    });
    await settle();
    expect(items).toHaveLength(1);
    expect(isTaken).toBe(false);
    end();
    await taken;
    expect(beat).toHaveBeenCalled();
  });

  it('of what lingers is not the last one for long: something else may come', async () => {
    await started();
    const begin = performance.now();
    await client.handler.onRecords(batchOf([order()], 1), beat);
    const ms = performance.now() - begin;
    expect(ms).toBeGreaterThan(25);
    expect(ms).toBeLessThan(95);
  });

  it('of what lingers in one partition waits for what is urgent in another', async () => {
    await started();
    let end: () => void = () => undefined;
    // What the second brings is urgent.
    loop.add = (more) => {
      items.push(...more);
      if (items.length < 2) return;
      loop.turn = new Promise((resolve) => {
        end = resolve;
      });
    };
    const taken: number[] = [];
    const fetched = [0, 1].map(async (partition) => {
      await client.handler.onRecords({ ...batchOf([order()], 1), partition }, beat);
      taken.push(partition);
    });
    for (let turns = 0; turns < 5; turns += 1) await settle();
    end();
    for (let turns = 0; turns < 5; turns += 1) await settle();
    expect(new Set(taken)).toEqual(new Set([0, 1]));
    await Promise.all(fetched);
  });

  it('of events that all linger waits for more of them', async () => {
    await consumer.stop();
    consumer = create({
      lingering: ['OrderCreated', 'OrderConfirmed'],
      unread: { OrderCancelled: 'a test' },
    });
    await started();
    const begin = performance.now();
    await client.handler.onRecords(batchOf([order()], 1), beat);
    const ms = performance.now() - begin;
    expect(ms).toBeGreaterThan(95);
    expect(ms).toBeLessThan(LINGER_MS);
  });

  it('that control records end is committed to behind them, but not before what came before is done', async () => {
    await started();
    await client.handler.onRecords(batchOf([order()], 1), beat);
    client.handler.onSkipped({ topic: 'orders.events', partition: 0, nextOffset: 3, endOffset: 3 });
    await eventually(() => expect(items).toHaveLength(1));
    await new Promise((resolve) => setImmediate(resolve));
    expect(client.commits).toEqual([]);
    finishAll();
    await consumer.stop();
    expect(client.commits).toEqual(['orders.events/0@3']);
  });
});

describe('a new assignment', () => {
  it('makes what is in hand nobody else business: it is never committed', async () => {
    await started();
    await client.handler.onRecords(batchOf([order()], 1), beat);
    client.handler.onAssigned(partitions);
    finishAll();
    await consumer.stop();
    expect(client.commits).toEqual([]);
  });

  it('refuses what was fetched of a partition that is not ours any more', async () => {
    await started();
    client.handler.onAssigned(partitions.slice(1));
    expect(await client.handler.onRecords(batchOf([order()], 1), beat)).toBe(false);
    expect(items).toEqual([]);
  });

  it('refuses what still waits for its turn', async () => {
    await started();
    loop.waiting = 5_000;
    const taken = client.handler.onRecords(batchOf([order()], 1), beat);
    await eventually(() => expect(beat).toHaveBeenCalled());
    client.handler.onAssigned(partitions);
    expect(await taken).toBe(false);
    expect(items).toEqual([]);
  });

  it('may be of nothing', async () => {
    await started();
    client.handler.onAssigned([]);
    expect(consumer.status().state).toBe('running');
  });
});

describe('a topic', () => {
  const at = (partition: number, offset: number) => ({ topic: 'orders.events', partition, offset });

  it('has been read to its end once the group has committed all that is there, whoever of it did', async () => {
    await started();
    client.ends = [at(0, 3), at(1, 5), at(2, 0)];
    client.committed = [at(0, 3), at(1, 4), at(2, -1)];
    expect(await consumer.hasReadToEnd('orders.events')).toBe(false);
    client.committed = [at(0, 3), at(1, 5), at(2, -1)];
    expect(await consumer.hasReadToEnd('orders.events')).toBe(true);
  });

  it('is not known to have been read while Kafka is away', async () => {
    await started();
    client.isAway = true;
    await expect(consumer.hasReadToEnd('orders.events')).rejects.toThrow(TransientError);
  });
});

describe('the registry away', () => {
  it('is waited for with heartbeats, and makes no poison', async () => {
    await started();
    registry.isAway = true;
    const taken = client.handler.onRecords(batchOf([order()], 1), beat);
    await eventually(() => expect(beat.mock.calls.length).toBeGreaterThan(2));
    expect(consumer.status()).toEqual({ state: 'waiting', waitingFor: 'the schema registry' });
    registry.isAway = false;
    expect(await taken).toBe(true);
    expect(items).toMatchObject([{ reading: { result: 'input' } }]);
  });

  it('does not hold up events whose schema is known', async () => {
    await started();
    await client.handler.onRecords(batchOf([order()], 1), beat);
    registry.isAway = true;
    await client.handler.onRecords(batchOf([order()], 2), beat);
    expect(items).toHaveLength(2);
  });

  it('is not asked about a schema that it does not have more than once', async () => {
    await started();
    const strange = record('OrderCreated', orderCreated(), 1, { value: wire(4_711, Buffer.of(0)) });
    await client.handler.onRecords(batchOf([strange, order()], 2), beat);
    await client.handler.onRecords(batchOf([strange], 3), beat);
    expect(registry.asked).toEqual([4_711, idOf('OrderCreated')]);
    expect(items).toMatchObject([{ reading: { result: 'failed' } }, {}, { reading: { result: 'failed' } }]);
  });
});

describe('Kafka away', () => {
  it('is waited for; the consumer that ended is replaced by a new one', async () => {
    await started();
    client.isAway = true;
    client.handler.onEnded(new Error('connection lost'));
    await eventually(() => expect(consumer.status()).toEqual({ state: 'waiting', waitingFor: 'Kafka' }));
    client.isAway = false;
    await eventually(() => expect(client.handlers).toHaveLength(2));
    client.handler.onAssigned(partitions);
    expect(consumer.status().state).toBe('running');
    // The old one's last words concern nobody.
    client.handlers[0]?.onEnded(new Error('really gone'));
    await settle();
    expect(consumer.status().state).toBe('running');
    expect(client.handlers).toHaveLength(2);
  });

  it('at the start is waited for, too', async () => {
    client.isAway = true;
    consumer.start();
    await eventually(() => expect(consumer.status().waitingFor).toBe('Kafka'));
    client.isAway = false;
    await eventually(() => expect(client.handlers).toHaveLength(1));
  });

  it('at the stop does not hold it up', async () => {
    await started();
    await client.handler.onRecords(batchOf([order()], 1), beat);
    finishAll();
    client.isAway = true;
    await consumer.stop();
    expect(consumer.status().state).toBe('stopped');
  });
});

describe('a pause', () => {
  it('takes nothing more, and leaves the client in its group', async () => {
    await started();
    consumer.pause();
    expect(client.paused).toBe(1);
    expect(await client.handler.onRecords(batchOf([order()], 1), beat)).toBe(false);
    expect(client.open).toBeGreaterThan(0);
  });
});

describe('a consumer that lags', () => {
  const lagging = [{ topic: 'orders.events', partition: 0, offset: 50 }];

  it('and never moves is wedged', async () => {
    client.ends = lagging;
    await started();
    await eventually(() => expect(wedged.map(String)).toEqual([expect.stringMatching(/orders.events\/0$/)]));
  });

  it.each([
    ['is held up by Postgres', () => Object.assign(loop, { heldUpBy: 'Postgres' })],
    ['waits for Kafka', () => client.handler.onEnded(new Error('gone'))],
    ['has read to the end', () => Object.assign(client, { ends: [] })],
    ['can not look where the end is', () => Object.assign(client, { isAway: true })],
  ])('but %s is not', async (_why, happens) => {
    client.ends = lagging;
    await started();
    happens();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(wedged).toEqual([]);
  });

  it('but moves is not', async () => {
    client.ends = lagging;
    await started();
    for (let offset = 1; offset < 30; offset += 1) {
      await client.handler.onRecords(batchOf([order()], offset), beat);
      finishAll();
      await new Promise((resolve) => setTimeout(resolve, 8));
    }
    expect(wedged).toEqual([]);
  });
});
