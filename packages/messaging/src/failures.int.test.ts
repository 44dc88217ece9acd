import { createTopicReader, type TopicReader } from '@skald/auditor';
import { dlqTopic } from '@skald/contracts';
import { eventually } from '@skald/testkit';
import { uuidv7 } from 'uuidv7';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { orderCreated } from '../tests/given.ts';
import { asAdministrator, createTestDatabase, stack, type TestDatabase } from '../tests/infrastructure.ts';
import { createJournal, inOrder, readJournal } from '../tests/journal.ts';
import { provisioned } from '../tests/kafka.ts';
import { createEventWriter, createKernelOf, type RealKernel } from '../tests/real-kernel.ts';
import type { EventInput } from './input.ts';
import type { KernelSettings } from './kernel.ts';

/** A group of its own: other files read the same topics. */
const service = 'inventory';
/** Longer than any wait of ours for anything: a command's patience, the longest pause between two attempts, ms. */
const OUTAGE_MS = 12_000;
const topic = 'orders.events';

let database: TestDatabase;
let writer: Awaited<ReturnType<typeof createEventWriter>>;
let topics: TopicReader;
let kernels: RealKernel[] = [];
/** What the handler makes of an event before it applies it. */
let refuse: (input: EventInput) => void;

beforeAll(async () => {
  await provisioned();
  writer = await createEventWriter('OrderCreated');
  topics = createTopicReader(stack.addresses);
});
beforeEach(async () => {
  database = await createTestDatabase(false);
  refuse = () => undefined;
});
afterEach(async () => {
  await Promise.all(kernels.map((kernel) => kernel.stop()));
  kernels = [];
  await database.drop();
});
afterAll(() => Promise.all([writer.close(), topics.close()]));

const start = async (settings: Partial<KernelSettings> = {}): Promise<RealKernel> => {
  const reactor = createJournal((input) => refuse(input));
  const kernel = createKernelOf(reactor, database.url, settings, { service });
  kernels.push(kernel);
  await kernel.start();
  return kernel;
};
const newKeys = (count: number) => Array.from({ length: count }, () => uuidv7());
/** The next events of each key, from a sequence on. */
const publish = (keys: readonly string[], from: number, to: number) =>
  writer.send(
    Array.from({ length: to - from + 1 }, (_, index) =>
      keys.map((orderId) => writer.toRecord('OrderCreated', orderCreated({ orderId }), from + index)),
    ).flat(),
  );
const applied = (keys: readonly string[], count: number) =>
  eventually(async () => {
    const journal = await readJournal(database, keys);
    return [...journal.values()].every((sequences) => sequences.length === count);
  });
/** Until what was begun now has lasted so long, ms. */
const lasts = (ms: number) => {
  const since = performance.now();
  return eventually(() => performance.now() - since > ms, { everyMs: 100 });
};
const count = async (sql: string) => (await database.query<{ count: number }>(sql))[0]?.count;
const parked = () => count("SELECT count(*) AS count FROM messaging.parked WHERE state = 'parked'");
const deadLetters = async () => (await topics.read([dlqTopic(topic, service)])).length;

describe('an outage', () => {
  it('of Postgres, however long, dead-letters nothing: all goes on in order when it ends', async () => {
    const kernel = await start();
    const before = await deadLetters();
    const keys = newKeys(30);
    await publish(keys, 1, 2);
    await applied(keys, 2);
    await asAdministrator(
      `ALTER DATABASE ${database.name} CONNECTION LIMIT 0`,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${database.name}'`,
    );
    await publish(keys, 3, 6);
    await eventually(() => kernel.status().waitingFor?.startsWith('Postgres'));
    await lasts(OUTAGE_MS);
    expect(kernel.status()).toMatchObject({ consumer: 'waiting', database: false });
    await asAdministrator(`ALTER DATABASE ${database.name} CONNECTION LIMIT -1`);
    await applied(keys, 6);
    expect(await readJournal(database, keys)).toEqual(inOrder(keys, 6));
    expect(await parked()).toBe(0);
    expect(await deadLetters()).toBe(before);
  });

  it.each([
    ['a lock that is not to be had in time', 'lock_timeout', 'lock timeout'],
    ['a statement that takes too long', 'statement_timeout', 'statement timeout'],
  ])('by %s is waited out: the partition waits, and goes on in order', async (_what, setting, message) => {
    await (await start()).stop();
    await asAdministrator(`ALTER ROLE ${database.name} SET ${setting} = '400ms'`);
    const kernel = await start();
    const keys = newKeys(5);
    await publish(keys, 1, 1);
    await applied(keys, 1);
    const other = await database.connect();
    await other.query('SET statement_timeout = 0');
    await other.query('BEGIN');
    await other.query('SELECT FROM messaging.inbox WHERE key = ANY ($1) FOR UPDATE', [keys.slice(0, 1)]);
    await publish(keys, 2, 4);
    await eventually(() => kernel.status().waitingFor?.includes(message));
    await lasts(OUTAGE_MS / 2);
    await other.query('COMMIT');
    await other.close();
    await applied(keys, 4);
    expect(await readJournal(database, keys)).toEqual(inOrder(keys, 4));
    expect(await parked()).toBe(0);
  });
});

describe('a build of which most messages fail', () => {
  it('takes in no more of them, stays up for all else, and says so; a mended one goes on in order', async () => {
    const keys = newKeys(300);
    const own = new Set(keys);
    refuse = ({ key }) => {
      if (own.has(key)) throw new TypeError('a bug');
    };
    const broken = await start();
    await publish(keys, 1, 1);
    await eventually(() => broken.status().halted?.includes('messages failed'));
    expect(broken.status().consumer).toBe('halted');
    expect(broken.readiness().map(({ name, ready }) => [name, ready])).toEqual([
      ['database', true],
      ['messaging', true],
    ]);
    expect(broken.readiness()[1]?.detail).toMatch(/^halted: \d+ of the last \d+ messages failed/);
    expect(await broken.count('messaging_consumer_halted', 'none')).toEqual({ undefined: 1 });
    expect(await broken.submit({ name: 'note', key: uuidv7(), data: undefined })).toBe('here');
    const first = (await parked()) ?? 0;
    expect(first).toBeLessThan(100);

    await publish(keys, 2, 2);
    await broken.stop();
    const again = await start();
    await eventually(() => again.status().halted !== undefined);
    const second = (await parked()) ?? 0;
    // What waits behind what was parked is parked as well, and is no failure.
    expect(await count('SELECT count(error_code) AS count FROM messaging.parked')).toBeLessThan(first + 10);
    await again.stop();

    refuse = () => undefined;
    await start();
    const mended = async () => {
      const journal = await readJournal(database, keys);
      const whole = [...journal.values()].filter((sequences) => String(sequences) === '1,2').length;
      const waiting = await count('SELECT count(DISTINCT key) AS count FROM messaging.parked');
      return whole + (waiting ?? 0) === keys.length;
    };
    await eventually(mended);
    expect(second).toBeGreaterThanOrEqual(first);
  });
});

describe('a partition whose parking is full', () => {
  it('pauses while the others go on, and is read on, in order, once there is room', async () => {
    const [poisoned = '', ...others] = newKeys(40);
    refuse = ({ key }) => {
      if (key === poisoned) throw new Error('poison');
    };
    const kernel = await start({ parkingCap: 5 });
    await publish([poisoned], 1, 5);
    await eventually(() => kernel.status().paused.length === 1);
    const [paused = ''] = kernel.status().paused;
    expect(kernel.readiness()[1]?.detail).toContain(`paused at the parking cap: ${paused}`);
    const partition = Number(paused.split('/')[1]);
    const gauge = await kernel.count('messaging_partition_paused', 'partition');
    expect(gauge).toEqual({ [partition]: 1 });

    await publish([poisoned], 6, 8);
    await publish(others, 1, 3);
    const records = await topics.read([topic]);
    const placed = new Map(records.map((record) => [record.key?.toString(), record.partition]));
    const here = others.filter((key) => placed.get(key) === partition);
    const elsewhere = others.filter((key) => placed.get(key) !== partition);
    expect(placed.get(poisoned)).toBe(partition);
    expect(Math.min(here.length, elsewhere.length)).toBeGreaterThan(0);
    await applied(elsewhere, 3);
    expect(await parked()).toBe(5);
    expect(await readJournal(database, here)).toEqual(inOrder(here, 0));

    refuse = () => undefined;
    const { messages } = await kernel.operator.parked({ state: 'failed', limit: 10, after: 0 });
    const { results } = await kernel.operator.redrive({
      messages: messages.map(({ topic: name, partition: at, offset }) => ({
        topic: name,
        partition: at,
        offset,
      })),
      by: 'a test',
      reason: 'mended',
      acceptGap: false,
    });
    expect(results).toMatchObject([{ drained: true, taken: 5 }]);
    await applied([poisoned], 8);
    await applied(here, 3);
    const whole = await readJournal(database, [poisoned, ...others]);
    expect(whole).toEqual(new Map([...inOrder([poisoned], 8), ...inOrder(others, 3)]));
    expect(kernel.status().paused).toEqual([]);
    expect(await parked()).toBe(0);
  });
});
