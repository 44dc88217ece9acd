import { eventually } from '@skald/testkit';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { logger } from '../tests/given.ts';
import { client, provisioned, read, recordOf, uniqueKey, valuesOf } from '../tests/kafka.ts';
import { createPublisher, type RelayMode } from './publisher.ts';
import type { Publisher } from './relay.ts';

const EVENTS = 'payments.events';
const OTHERS = 'shipping.events';
const COMPACTED = 'inventory.products';

let publishers: Publisher[] = [];
const { signal } = new AbortController();

beforeAll(async () => {
  await provisioned();
});
afterEach(async () => {
  await Promise.all(publishers.map((publisher) => publisher.close()));
  publishers = [];
});

const create = (mode: RelayMode, service = uniqueKey()) => {
  const publisher = createPublisher({ client, service, mode, logger });
  publishers.push(publisher);
  return publisher;
};
const several = (count: number) => Array.from({ length: count }, (_, index) => String(index + 1));

describe.each(['idempotent', 'transactional'] as const)('a publisher in %s mode', (mode) => {
  it('brings records in their order, key by key', async () => {
    const [a, b] = [uniqueKey(), uniqueKey()];
    const publisher = create(mode);
    for (const value of several(20)) {
      await publisher.publish([recordOf(EVENTS, a, value), recordOf(EVENTS, b, value)], signal);
    }
    await expectValues(EVENTS, a, several(20));
    await expectValues(EVENTS, b, several(20));
  });

  it('brings in several requests what one would not take, still in order', async () => {
    const key = uniqueKey();
    const big = several(50).map((value) => Buffer.from(value.padEnd(60_000)));
    await create(mode).publish(
      big.map((value) => recordOf(EVENTS, key, value)),
      signal,
    );
    await expect
      .poll(async () => (await valuesOf(EVENTS, key)).map((value) => value?.trim()), { timeout: 10_000 })
      .toEqual(several(50));
  });

  it('brings a record to every topic', async () => {
    const key = uniqueKey();
    await create(mode).publish(
      [recordOf(EVENTS, key, '1'), recordOf(COMPACTED, key, '1'), recordOf(OTHERS, key, '1')],
      signal,
    );
    for (const topic of [EVENTS, COMPACTED, OTHERS]) await expectValues(topic, key, ['1']);
  });

  it.each([COMPACTED, EVENTS])(
    'is fenced by the next one: what it sends late does not arrive (%s)',
    async (topic) => {
      const [service, key] = [uniqueKey(), uniqueKey()];
      const [first, second] = [create(mode, service), create(mode, service)];
      await first.publish([recordOf(topic, key, 'old')], signal);
      await second.publish([recordOf(topic, key, 'new')], signal);
      await expect(first.publish([recordOf(topic, key, 'late')], signal)).rejects.toMatchObject({
        code: 'FENCED',
        retryable: true,
      });
      await expectValues(topic, key, ['old', 'new']);
      await second.publish([recordOf(topic, key, 'newer')], signal);
      await expectValues(topic, key, ['old', 'new', 'newer']);
    },
  );
});

/** The broker writes a transaction's markers after it has answered the commit: only then is it read. */
const expectValues = (topic: string, key: string, values: readonly string[]) =>
  expect.poll(() => valuesOf(topic, key), { timeout: 10_000 }).toEqual(values);

describe('a transaction', () => {
  it('is seen in all of its topics, or in none', async () => {
    const publisher = create('transactional');
    const keys = several(15).map(() => uniqueKey());
    let isOver = false;
    const publishing = (async () => {
      for (const key of keys) {
        const others = several(300).map((value) => recordOf(OTHERS, key, value.padEnd(3_000)));
        await publisher.publish([recordOf(EVENTS, key, '1'), ...others, recordOf(EVENTS, key, '2')], signal);
      }
      isOver = true;
    })();
    let looks = 0;
    while (!isOver || looks === 0) {
      // Read last, so that it has at least what the other one has.
      const [events, others] = [await read(EVENTS, ...keys), await read(OTHERS, ...keys)];
      looks += 1;
      for (const key of keys) {
        const seen = events.filter((record) => record.key?.toString() === key).length;
        const seenOthers = others.filter((record) => record.key?.toString() === key).length;
        expect([0, 2]).toContain(seen);
        expect([0, 300]).toContain(seenOthers);
        if (seen === 2) expect(seenOthers).toBe(300);
      }
    }
    await publishing;
  });

  it('that was aborted is never seen', async () => {
    const key = uniqueKey();
    const stopping = new AbortController();
    // Larger than the topic takes: the request with it fails, after the one before it has arrived.
    const records = [
      ...several(15).map((value) => recordOf(EVENTS, key, value.padEnd(60_000))),
      recordOf(OTHERS, key, Buffer.alloc(1_200_000)),
    ];
    const publishing = create('transactional').publish(records, stopping.signal);
    publishing.catch(() => undefined);
    const producers = await client.admin();
    const before = await ends(producers);
    await eventually(async () => (await ends(producers)) > before);
    await producers.close();
    stopping.abort();
    await expect(publishing).rejects.toMatchObject({ code: 'ABANDONED' });
    expect(await valuesOf(EVENTS, key)).toEqual([]);
    expect(await valuesOf(OTHERS, key)).toEqual([]);
  });
});

/** How much there is in the topic, seen or not. */
const ends = async (admin: Awaited<ReturnType<typeof client.admin>>) =>
  (await admin.endOffsets([EVENTS])).reduce((sum, { offset }) => sum + offset, 0);
