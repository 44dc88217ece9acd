import { createSeededRandom, eventually } from '@skald/testkit';
import { uuidv7 } from 'uuidv7';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { orderCreated } from '../tests/given.ts';
import { createTestDatabase, type TestDatabase } from '../tests/infrastructure.ts';
import { createJournal, inOrder, readJournal } from '../tests/journal.ts';
import { provisioned } from '../tests/kafka.ts';
import { createEventWriter, createKernelOf, type RealKernel } from '../tests/real-kernel.ts';

/** A group of its own: other files read the same topics. */
const service = 'shipping';
const KEYS = 60;
const EVENTS = 25;
const FAILING = 0.1;
const seed = Number(process.env['SKALD_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

let database: TestDatabase;
let writer: Awaited<ReturnType<typeof createEventWriter>>;
const kernels = new Set<RealKernel>();

beforeAll(async () => {
  await provisioned();
  writer = await createEventWriter('OrderCreated');
  database = await createTestDatabase(false);
});
afterEach(() => Promise.all([...kernels].map((kernel) => kernel.stop())));
afterAll(() => Promise.all([writer.close(), database.drop()]));

it(`10 % of messages failing at random, with restarts and rebalances (SKALD_SEED=${seed}): each key is applied in the order produced`, {
  timeout: 240_000,
}, async () => {
  const random = createSeededRandom(seed);
  const keys = Array.from({ length: KEYS }, () => uuidv7());
  const nameOf = (key: string, sequence: number) => `${key} ${sequence}`;
  const all = keys.flatMap((key) => Array.from({ length: EVENTS }, (_, index) => nameOf(key, index + 1)));
  const failing = new Set(all.filter(() => random.next() < FAILING));
  let failed = 0;
  const reactor = createJournal(({ key, sequence }) => {
    if (!failing.has(nameOf(key, sequence))) return;
    failed += 1;
    throw new Error('by chance');
  });
  const start = async () => {
    const kernel = createKernelOf(reactor, database.url, {}, { service });
    kernels.add(kernel);
    await kernel.start();
    return kernel;
  };
  const end = async (kernel: RealKernel) => {
    await kernel.stop();
    kernels.delete(kernel);
  };
  /** Sends back all that has failed so far, by a handler that succeeds the second time. Answers how many it were. */
  const redrive = async ({ operator }: RealKernel) => {
    const { messages } = await operator.parked({ state: 'failed', limit: 100, after: 0 });
    for (const { key, sequence } of messages) failing.delete(nameOf(key, sequence ?? 0));
    if (messages.length === 0) return 0;
    const ids = messages.map(({ topic, partition, offset }) => ({ topic, partition, offset }));
    await operator.redrive({ messages: ids, by: 'a test', reason: 'try again', acceptGap: false });
    return messages.length;
  };

  const stays = await start();
  let comes = await start();
  let sentBack = 0;
  for (let from = 1; from <= EVENTS; from += 5) {
    const records = Array.from({ length: 5 }, (_, index) =>
      keys.map((orderId) => writer.toRecord('OrderCreated', orderCreated({ orderId }), from + index)),
    );
    const publishing = writer.send(records.flat());
    // One that goes and one that comes, both under load, move the partitions twice.
    await end(comes);
    comes = await start();
    await publishing;
    sentBack += await redrive(random.pick([stays, comes]));
  }
  const count = async (sql: string) => (await database.query<{ count: number }>(sql, [keys]))[0]?.count ?? 0;
  const done = () => count('SELECT count(*) AS count FROM journal WHERE key = ANY ($1)');
  const open = () =>
    count("SELECT count(*) AS count FROM messaging.parked WHERE state = 'parked' AND key = ANY ($1)");
  await eventually(async () => (await done()) + (await open()) === all.length, {
    timeoutMs: 120_000,
    what: 'all messages are applied or parked',
  });
  expect(await open()).toBeGreaterThan(0);
  await eventually(
    async () => {
      sentBack += await redrive(comes);
      return (await open()) === 0;
    },
    { timeoutMs: 120_000, what: 'nothing is parked any more' },
  );
  expect(await readJournal(database, keys)).toEqual(inOrder(keys, EVENTS));
  expect(failing.size).toBe(0);
  expect(failed).toBeGreaterThan(KEYS * EVENTS * FAILING * 0.7);
  expect(sentBack).toBeGreaterThan(KEYS);
  for (const kernel of kernels) expect(kernel.status().halted).toBeUndefined();
});
