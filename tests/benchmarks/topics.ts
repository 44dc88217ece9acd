import { setTimeout as sleep } from 'node:timers/promises';
import { topics } from '@skald/contracts';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { type ServiceName, serviceNames } from './contender.ts';

const consumingWithinMs = 60_000;

export const topicOf = (contender: string, service: ServiceName): string => `${contender}.${service}`;

export const groupOf = (contender: string, service: ServiceName): string => `${contender}-${service}`;

/** As many as Skald's order events have. */
export const { partitions } = topics['orders.events'];

/** One topic a service. */
export const createTopics = (contender: string, brokers: readonly string[]): Promise<void> =>
  withAdmin(brokers, async (admin) => {
    await admin.createTopics({
      waitForLeaders: true,
      topics: serviceNames.map((service) => ({
        topic: topicOf(contender, service),
        numPartitions: partitions,
        replicationFactor: 1,
      })),
    });
  });

/** Resolves once each service has its partitions. Throws if that takes too long. */
export const untilConsuming = (contender: string, brokers: readonly string[]): Promise<void> =>
  withAdmin(brokers, async (admin) => {
    const deadline = performance.now() + consumingWithinMs;
    while (performance.now() < deadline) {
      const { groups } = await admin.describeGroups(serviceNames.map((name) => groupOf(contender, name)));
      if (groups.every(({ state }) => state === 'Stable')) return;
      await sleep(200);
    }
    throw new Error(`The consumers of the ${contender} didn't get their partitions`);
  });

async function withAdmin(brokers: readonly string[], work: (admin: Admin) => Promise<void>): Promise<void> {
  const kafka = new Kafka({ clientId: 'benchmark', brokers: [...brokers], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.disconnect();
  }
}
