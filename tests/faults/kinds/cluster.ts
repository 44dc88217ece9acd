import { setTimeout as pause } from 'node:timers/promises';
import { deadLetterTopics, isOfSaga, topics } from '@skald/contracts';
import { eventually } from '@skald/testkit';
import type { Admin, PartitionMetadata } from 'kafkajs';
import type { FaultKind, Field } from '../fault.ts';
import { brokersOf, killForAWhile } from './kills.ts';

const PATIENCE_MS = 90_000;

const topicsOfOrders = Object.values(topics)
  .filter(({ key, writer }) => key === 'orderId' && isOfSaga(writer))
  .map(({ name }) => name);

/** Asks until a broker answers. */
const administer = <Result>(
  { kafka }: Field,
  what: string,
  work: (admin: Admin) => Promise<Result>,
): Promise<Exclude<Result, false | undefined>> =>
  eventually(
    async () => {
      const admin = kafka.admin();
      await admin.connect();
      try {
        return await work(admin);
      } finally {
        await admin.disconnect();
      }
    },
    { timeoutMs: PATIENCE_MS, everyMs: 250, what },
  ) as Promise<Exclude<Result, false | undefined>>;

const partitionsOf = (field: Field, topic: string): Promise<PartitionMetadata[]> =>
  administer(
    field,
    `${topic} is known`,
    async (admin) => (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0]?.partitions,
  );

/** Of the node that leads most of the topic's partitions. */
function leaderOf(partitions: readonly PartitionMetadata[]): number {
  const counts = new Map<number, number>();
  for (const { leader } of partitions) counts.set(leader, (counts.get(leader) ?? 0) + 1);
  return [...counts].sort(([, one], [, other]) => other - one)[0]?.[0] ?? 1;
}

export const killLeader: FaultKind = {
  name: 'kill -9 of a leading broker',
  family: 'process',
  targets: ({ brokers: count }) => (count < 3 ? [] : topicsOfOrders),
  lastsMs: [4_000, 10_000],
  fire: (field, { target, lastsMs }) =>
    field.locks.hold(brokersOf(field), async () => {
      const id = leaderOf(await partitionsOf(field, target));
      const name = brokersOf(field)[id - 1] ?? '';
      const isLed = (partition: PartitionMetadata) => partition.leader === id;
      const before = (await partitionsOf(field, target)).filter(isLed).length;
      field.say(`${name} leads ${before} partitions of ${target}`);
      let moved = 0;
      const seen = await killForAWhile(field, { target: name, lastsMs }, async () => {
        const led = (await partitionsOf(field, target)).filter(isLed).length;
        // Once it is back, it may be given them again.
        moved = Math.max(moved, before - led);
        return { 'partitions that got another leader': moved };
      });
      await inSync(field, topicsOfOrders);
      return seen;
    }),
};

/** Every replica has everything again: the next fault may take one away. */
async function inSync(field: Field, names: readonly string[]): Promise<void> {
  await administer(field, 'all replicas are in sync', async (admin) => {
    const { topics: described } = await admin.fetchTopicMetadata({ topics: [...names] });
    const behind = described.flatMap(({ partitions }) =>
      partitions.filter(({ isr, replicas }) => isr.length < replicas.length),
    );
    if (behind.length > 0) throw new Error(`${behind.length} partitions are not`);
    return true;
  });
}

/**
 * More partitions under load. Keys then belong elsewhere, and Kafka keeps the order of a key within a partition alone:
 * so only where a key has one record, and where nobody minds (dead letters). README.md says what it does elsewhere.
 */
export const addPartitions: FaultKind = {
  name: 'partitions added',
  family: 'log',
  targets: ({ brokers: count }) =>
    count < 3 ? [] : ['orders.contacts', ...deadLetterTopics.map(({ name }) => name)],
  async fire(field, { target }) {
    const before = (await partitionsOf(field, target)).length;
    await administer(field, `${target} has more partitions`, async (admin) => {
      await admin.createPartitions({ topicPartitions: [{ topic: target, count: before + 1 }] });
      return true;
    });
    const after = await eventually(async () => {
      const count = (await partitionsOf(field, target)).length;
      return count > before && count;
    });
    return { 'partitions more': after - before };
  },
};

/** The leader of each partition gives up its replica, and gets it back once the others have it. */
export const reassignPartitions: FaultKind = {
  name: 'partitions reassigned',
  family: 'log',
  targets: ({ brokers: count }) => (count < 3 ? [] : topicsOfOrders),
  lastsMs: [500, 3_000],
  fire: (field, { target, lastsMs }) =>
    field.locks.hold(brokersOf(field), async () => {
      await inSync(field, [target]);
      const partitions = await partitionsOf(field, target);
      const without = partitions.map(({ partitionId, replicas, leader }) => ({
        partition: partitionId,
        replicas: replicas.filter((replica) => replica !== leader),
      }));
      await reassign(field, target, without);
      const moved = (await partitionsOf(field, target)).filter(
        ({ leader, partitionId }) =>
          leader !== partitions.find((one) => one.partitionId === partitionId)?.leader,
      ).length;
      await pause(lastsMs);
      const whole = partitions.map(({ partitionId, replicas }) => ({ partition: partitionId, replicas }));
      await reassign(field, target, whole);
      await inSync(field, [target]);
      return { 'partitions that moved to another leader': moved };
    }),
};

interface Assignment {
  readonly partition: number;
  readonly replicas: number[];
}

async function reassign(field: Field, topic: string, assignments: readonly Assignment[]): Promise<void> {
  await administer(field, `${topic} is reassigned`, async (admin) => {
    await admin.alterPartitionReassignments({
      topics: [{ topic, partitionAssignment: assignments.map((one) => ({ ...one })) }],
    });
    return true;
  });
  await eventually(
    async () => {
      const now = await partitionsOf(field, topic);
      return assignments.every(({ partition, replicas }) => {
        const found = now.find(({ partitionId }) => partitionId === partition);
        const has = new Set(found?.replicas);
        return has.size === replicas.length && replicas.every((replica) => has.has(replica));
      });
    },
    { timeoutMs: PATIENCE_MS, everyMs: 250, what: `${topic} has its new replicas` },
  );
}
