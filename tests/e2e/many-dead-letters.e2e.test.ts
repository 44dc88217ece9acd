import { randomUUID } from 'node:crypto';
import { loadavg } from 'node:os';
import { groupNames, groups, schemaOf, subjectOf, typeFor } from '@skald/contracts';
import { eventually, send } from '@skald/testkit';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { dlq, dlqJson } from './dlq-command.ts';
import { addresses, foreignSource, shop } from './system.ts';

/** 10,000 take minutes: `SKALD_DEAD_LETTERS=10000 npm test -- many-dead-letters` measures them. */
const WANTED = Number(process.env['SKALD_DEAD_LETTERS'] ?? 400);
const readers = groupNames.filter((name) => groups[name].includes('inventory.events')).length;
/** Every group misses what came before them: a dead letter of each message for each group. */
const MESSAGES = Math.ceil(WANTED / readers);
const COUNT = MESSAGES * readers;
const TIMEOUT_MS = 60_000 + COUNT * 200;
/** In the key of each: finds them all, and nothing else. */
const MARK = `many-${randomUUID().slice(0, 8)}`;

const kafka = new Kafka({
  clientId: 'e2e-many',
  brokers: [...addresses.kafka.brokers],
  logLevel: logLevel.NOTHING,
});
const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
beforeAll(() => producer.connect());
afterAll(() => producer.disconnect());

async function publish(messages: number): Promise<void> {
  const { body } = await send<{ id: number }>(
    `${addresses.registry}/subjects/${subjectOf('StockReserved')}`,
    { method: 'POST', body: { schema: JSON.stringify(schemaOf('StockReserved')) } },
  );
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(body.id, 1);
  const type = typeFor(schemaOf('StockReserved'));
  const at = new Date().toISOString();
  for (let done = 0; done < messages; done += 500) {
    const batch = Array.from({ length: Math.min(500, messages - done) }, () => {
      const orderId = randomUUID();
      const value = type.toBuffer({ orderId, lines: [{ sku: 'SKU-0001', quantity: 1 }], reservedAt: 1 });
      const headers = {
        ce_specversion: '1.0',
        ce_id: randomUUID(),
        ce_type: 'StockReserved',
        ce_source: foreignSource,
        ce_time: at,
        ce_sequence: '5',
        mark: MARK,
      };
      return { key: orderId, value: Buffer.concat([prefix, value]), headers };
    });
    await producer.send({ topic: 'inventory.events', messages: batch });
  }
}

const countOf = async (...args: string[]): Promise<number> => {
  const { stdout } = await dlq('list', '--text', MARK, '--limit', '1', ...args);
  return Number(/of (\d+) open|^(\d+) open/m.exec(stdout)?.slice(1).find(Boolean) ?? 0);
};
const end = (lines: readonly Record<string, unknown>[]) => lines.find(({ type }) => type === 'end');

const figures: string[] = [];
async function timed<Result>(what: string, count: number, work: () => Promise<Result>): Promise<Result> {
  const begun = performance.now();
  const result = await work();
  const seconds = (performance.now() - begun) / 1_000;
  const rate = count > 1 ? `, ${Math.round(count / seconds)}/s` : '';
  figures.push(`${what}: ${seconds.toFixed(1)} s${rate} (load ${loadavg()[0]?.toFixed(1)})`);
  return result;
}

it(`${COUNT} dead letters are listed, found, tried and redriven, and nothing is charged or mailed for it`, {
  timeout: TIMEOUT_MS,
}, async () => {
  const before = { charges: await shop.listCharges(), mails: (await shop.mails()).length };
  await timed(`${COUNT} fall, and are listed`, COUNT, async () => {
    await publish(MESSAGES);
    await eventually(async () => (await countOf()) >= COUNT, {
      timeoutMs: TIMEOUT_MS / 2,
      everyMs: 500,
      what: 'all are listed',
    });
  });

  const all = await timed('list all, as JSON', COUNT, () =>
    dlqJson('list', '--text', MARK, '--limit', String(COUNT + 1)),
  );
  expect(all).toHaveLength(COUNT);
  await timed('list the newest 20', 1, () => dlq('list', '--text', MARK));
  const some = await timed('filter by group and text', 1, () => countOf('--group', 'payment'));
  expect(some).toBe(MESSAGES);

  const selection = ['--text', MARK, '--accept-gap', '--rate', '1000'];
  const tried = await timed('try', COUNT, () => dlqJson('try', ...selection));
  expect(end(tried)).toMatchObject({ total: COUNT, done: COUNT, failed: 0, stopped: null });
  expect(await countOf()).toBe(COUNT);

  const yes = ['--yes', '--reason', 'a test'];
  const ran = await timed('redrive', COUNT, () => dlq('redrive', ...selection, ...yes));
  expect([ran.code, ran.stdout]).toEqual([0, expect.stringContaining(`${COUNT} redriven`)]);
  // Not a terminal: a line each tenth.
  expect(ran.stderr.trim().split('\n').length).toBeGreaterThanOrEqual(9);
  await timed('none is open any more', 1, () =>
    eventually(async () => (await countOf()) === 0, { timeoutMs: TIMEOUT_MS / 4, what: 'none is open' }),
  );

  const after = { charges: await shop.listCharges(), mails: (await shop.mails()).length };
  expect(after).toEqual(before);
  process.stderr.write(`${[`${COUNT} dead letters`, ...figures].join('\n  ')}\n`);
});
