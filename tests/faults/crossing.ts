import { createTopicReader, type TopicReader } from '@skald/auditor';
import { groups, isOfSaga, type ServiceName, serviceNames, type TopicName, topics } from '@skald/contracts';
import type { StackAddresses } from '@skald/local-stack';
import { eventually } from '@skald/testkit';
import { Kafka, logLevel } from 'kafkajs';

/** Topics whose records belong to an order. */
const topicsOfOrders = Object.values(topics)
  .filter(({ key, writer }) => key === 'orderId' && isOfSaga(writer))
  .map(({ name }) => name);

/**
 * Gives each topic of orders another number of partitions. With equal numbers an even deal hands all that belongs to
 * an order to one instance; now its topics are held by different ones. Call it before the first order.
 */
export async function makeAssignmentsCross({ kafka: { brokers } }: StackAddresses): Promise<void> {
  const kafka = new Kafka({ clientId: 'faults', brokers: [...brokers], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  try {
    await admin.createPartitions({
      topicPartitions: topicsOfOrders.slice(1).map((topic, index) => ({
        topic,
        count: topics[topic].partitions + 1 + index,
      })),
    });
  } finally {
    await admin.disconnect();
  }
}

/** By `topic/partition`: which member of the service's group holds it. */
export type Assignments = ReadonlyMap<ServiceName, ReadonlyMap<string, string>>;

/** Services that read an order's story from more than one topic. */
const readersOfMany = serviceNames.filter(
  (service) => topicsOfOrders.filter((topic) => groups[service].includes(topic)).length > 1,
);

/** Who holds what, once two members of each group share everything. */
export async function readAssignments(addresses: StackAddresses): Promise<Assignments> {
  const reader = createTopicReader(addresses);
  try {
    return new Map(
      await Promise.all(
        readersOfMany.map(async (service) => [service, await whenShared(reader, service)] as const),
      ),
    );
  } finally {
    await reader.close();
  }
}

async function whenShared(reader: TopicReader, service: ServiceName): Promise<ReadonlyMap<string, string>> {
  return await eventually(
    async () => {
      const partitions = (await reader.ends(groups[service])).length;
      const held = await reader.assignments(service);
      return held.size === partitions && new Set(held.values()).size === 2 ? held : undefined;
    },
    { what: `two instances of ${service} share its topics` },
  );
}

/** By service: the share of orders whose events in its topics were held by both of its instances. */
export async function shareOfCrossing(
  addresses: StackAddresses,
  assignments: Assignments,
): Promise<ReadonlyMap<ServiceName, number>> {
  const reader = createTopicReader(addresses);
  try {
    const records = await reader.read(topicsOfOrders);
    return new Map(
      [...assignments].map(([service, held]) => {
        const holders = new Map<string, Set<string>>();
        for (const { topic, partition, key } of records) {
          if (!groups[service].includes(topic as TopicName)) continue;
          const orderId = key?.toString() ?? '';
          const of = holders.get(orderId) ?? new Set();
          holders.set(orderId, of.add(held.get(`${topic}/${partition}`) ?? 'nobody'));
        }
        const crossing = [...holders.values()].filter(({ size }) => size > 1).length;
        return [service, crossing / holders.size] as const;
      }),
    );
  } finally {
    await reader.close();
  }
}
