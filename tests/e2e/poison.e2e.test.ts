import { createTopicReader, type TopicRecord } from '@skald/auditor';
import {
  dlqTopic,
  eventNames,
  groups,
  readersOf,
  schemaOf,
  serviceNames,
  subjectOf,
  type TopicName,
  topics,
} from '@skald/contracts';
import { connectStack, eventually, openDatabases, send } from '@skald/testkit';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Poison, poisonFor } from './poison-records.ts';
import { addresses, expectInvariants, shop } from './system.ts';

const topicNames = (Object.keys(topics) as TopicName[]).filter((topic) => readersOf(topic).length > 0);
const reader = createTopicReader(addresses);
const databases = openDatabases(addresses);
const kafka = new Kafka({
  clientId: 'e2e',
  brokers: [...addresses.kafka.brokers],
  logLevel: logLevel.NOTHING,
});
const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
const admin = kafka.admin();

let all: Poison[];
let pidsBefore: Record<string, number>;
let orderId: string;
/** Where each poison lies, by its topic and key. */
const offsets = new Map<string, { partition: number; offset: string }>();

const pids = async () => {
  const running = (await connectStack(inject('e2eStack'))).addresses.pids;
  return Object.fromEntries(serviceNames.map((name) => [name, running[name] ?? 0]));
};

beforeAll(async () => {
  await Promise.all([producer.connect(), admin.connect()]);
  const ids = new Map(await Promise.all(eventNames.map(async (name) => [name, await idOf(name)] as const)));
  all = topicNames.flatMap((topic) => poisonFor(topic, (name) => ids.get(name) ?? 0));
  pidsBefore = await pids();
  await publish(all);
  ({ orderId } = await shop.placeOrder());
  await publish(all.map((poison) => ({ ...poison, ...poison.next })));
});
afterAll(() => Promise.all([producer.disconnect(), admin.disconnect(), reader.close(), databases.close()]));

async function idOf(name: (typeof eventNames)[number]): Promise<number> {
  const { body } = await send<{ id: number }>(`${addresses.registry}/subjects/${subjectOf(name)}`, {
    method: 'POST',
    body: { schema: JSON.stringify(schemaOf(name)) },
  });
  return body.id;
}

/** One by one, so that each is known by its offset. */
async function publish(
  records: readonly Pick<Poison, 'topic' | 'key' | 'value' | 'headers'>[],
): Promise<void> {
  for (const { topic, key, value, headers } of records) {
    const [at] = await producer.send({ topic, messages: [{ key, value, headers: { ...headers } }] });
    const place = `${topic} ${key}`;
    if (!offsets.has(place))
      offsets.set(place, { partition: at?.partition ?? -1, offset: at?.baseOffset ?? '' });
  }
}

/** Dead letters of these tests, by topic, group and key. */
async function deadLetters(): Promise<Map<string, TopicRecord[]>> {
  const names = serviceNames.flatMap((group) => groups[group].map((topic) => dlqTopic(topic, group)));
  const own = new Set(all.map(({ key }) => key));
  const letters = new Map<string, TopicRecord[]>();
  for (const letter of await reader.read(names)) {
    const key = letter.key?.toString() ?? '';
    const place = `${letter.topic} ${key}`;
    if (own.has(key)) letters.set(place, [...(letters.get(place) ?? []), letter]);
  }
  return letters;
}

const expected = () =>
  all.flatMap((poison) =>
    poison.groups.map((group) => ({
      poison,
      group,
      place: `${dlqTopic(poison.topic, group)} ${poison.key}`,
    })),
  );

describe('Each kind of poison on each topic', () => {
  it('is dead-lettered once by every group that can not handle it, byte for byte, with the reason', async () => {
    const letters = await eventually(
      async () => {
        const found = await deadLetters();
        return found.size >= expected().length && found;
      },
      { timeoutMs: 50_000, everyMs: 500, what: 'all dead letters are there' },
    );
    expect([...letters.keys()].sort()).toEqual(
      expected()
        .map(({ place }) => place)
        .sort(),
    );
    for (const { poison, group, place } of expected()) {
      const [letter, ...more] = letters.get(place) ?? [];
      const what = `${poison.kind} in ${poison.topic} for ${group}`;
      const { partition, offset } = offsets.get(`${poison.topic} ${poison.key}`) ?? {};
      expect(more, what).toEqual([]);
      expect(letter?.value, what).toEqual(poison.value);
      expect(letter?.headers, what).toMatchObject({
        ...poison.headers,
        dlq_topic: poison.topic,
        dlq_partition: String(partition),
        dlq_offset: offset,
        dlq_group: group,
        dlq_attempts: '1',
        dlq_error_code: expect.toSatisfy(
          (code: string) => poison.codes.includes(code),
          poison.codes.join(' or '),
        ),
        dlq_error_text: expect.stringMatching(/./),
        dlq_timestamp: expect.stringMatching(/^20..-/),
        dlq_first_failure: expect.stringMatching(/^20..-/),
      });
    }
  });

  it('parks its key, in that group and topic alone, and what comes later of that key waits behind it', async () => {
    for (const group of serviceNames) {
      const own = expected().filter((letter) => letter.group === group);
      const wanted = own.flatMap(({ poison }) => [
        { topic: poison.topic, key: poison.key, failed: true, value: poison.value },
        { topic: poison.topic, key: poison.key, failed: false, value: poison.next.value },
      ]);
      const rows = await eventually(
        async () => {
          const found = await databases.query<{
            topic: string;
            key: string;
            failed: boolean;
            value: Buffer | null;
          }>(
            group,
            `SELECT topic, key, error_code IS NOT NULL AS failed, record_value AS value
             FROM messaging.parked WHERE key = ANY ($1) ORDER BY id`,
            [own.map(({ poison }) => poison.key)],
          );
          return found.length >= wanted.length && found;
        },
        { what: `${group} has parked ${wanted.length} messages` },
      );
      const byKey = (one: { key: string; failed: boolean }, other: { key: string; failed: boolean }) =>
        one.key.localeCompare(other.key) || Number(other.failed) - Number(one.failed);
      expect(rows.sort(byKey)).toEqual(wanted.sort(byKey));
    }
  });

  it('harms nothing else: an order goes through, and every process lives on', async () => {
    expect(await shop.waitForEnd(orderId)).toMatchObject({ status: 'CONFIRMED' });
    await expectInvariants([orderId]);
    expect(await pids()).toEqual(pidsBefore);
  });

  it('that is read again is dead-lettered no second time', async () => {
    const stack = await connectStack(inject('e2eStack'));
    const before = (await deadLetters()).size;
    await stack.stop('order');
    for (const topic of groups.order) {
      const partitions = (await reader.ends([topic])).map(({ partition }) => ({ partition, offset: '0' }));
      await admin.setOffsets({ groupId: 'order', topic, partitions });
    }
    await stack.start('order');
    await expectInvariants([orderId]);
    const letters = await deadLetters();
    expect(letters.size).toBe(before);
    expect([...letters.values()].filter((found) => found.length > 1)).toEqual([]);
  });
});
