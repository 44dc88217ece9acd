import { setTimeout as sleep } from 'node:timers/promises';
import { topics } from '@skald/contracts';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { groupOfService, services, topicOfService } from './events.ts';

const consumingWithinMs = 60_000;

/** One topic a service, with as many partitions as Skald's order events have. */
export const createTutorialTopics = (brokers: readonly string[]): Promise<void> =>
  withAdmin(brokers, async (admin) => {
    const { partitions } = topics['orders.events'];
    await admin.createTopics({
      waitForLeaders: true,
      topics: services.map((service) => ({
        topic: topicOfService(service),
        numPartitions: partitions,
        replicationFactor: 1,
      })),
    });
  });

/** Resolves once each service has its partitions. Throws if that takes too long. */
export const untilConsuming = (brokers: readonly string[]): Promise<void> =>
  withAdmin(brokers, async (admin) => {
    const deadline = performance.now() + consumingWithinMs;
    while (performance.now() < deadline) {
      const { groups } = await admin.describeGroups(services.map(groupOfService));
      if (groups.every(({ state }) => state === 'Stable')) return;
      await sleep(200);
    }
    throw new Error("The tutorial's consumers didn't get their partitions");
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
