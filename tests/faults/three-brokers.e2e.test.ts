import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { topics } from '@skald/contracts';
import { type Stack, startStack } from '@skald/local-stack';
import { eventually } from '@skald/testkit';
import { ConfigResourceTypes, Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, expect, it } from 'vitest';

let directory: string;
let stack: Stack;
let kafka: Kafka;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'skald-faults-'));
  stack = await startStack({ directory, services: 'none', provision: true, brokers: 3 });
  const { brokers } = stack.addresses.kafka;
  kafka = new Kafka({ clientId: 'faults', brokers: [...brokers], logLevel: logLevel.NOTHING });
});
afterAll(async () => {
  await stack?.stop();
  await rm(directory, { recursive: true, force: true });
});

it('three brokers hold every record three times, twice before it counts, and go on without one of them', async () => {
  const admin = kafka.admin();
  await admin.connect();
  const names = Object.keys(topics);
  const { topics: described } = await admin.fetchTopicMetadata({ topics: names });
  const replicas = described.flatMap(({ partitions }) =>
    partitions.map((partition) => partition.replicas.length),
  );
  expect(new Set(replicas)).toEqual(new Set([3]));
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: names.map((name) => ({
      type: ConfigResourceTypes.TOPIC,
      name,
      configNames: ['min.insync.replicas'],
    })),
  });
  expect(
    new Set(resources.flatMap(({ configEntries }) => configEntries.map(({ configValue }) => configValue))),
  ).toEqual(new Set(['2']));

  await stack.stopProcess('kafka-2', 'SIGKILL');
  const producer = kafka.producer();
  await eventually(async () => {
    await producer.connect();
    for (let partition = 0; partition < topics['email.events'].partitions; partition += 1) {
      await producer.send({
        topic: 'email.events',
        acks: -1,
        messages: [{ partition, value: 'without the second' }],
      });
    }
    return true;
  });
  await stack.startProcess('kafka-2');
  await eventually(
    async () => {
      const [topic] = (await admin.fetchTopicMetadata({ topics: ['email.events'] })).topics;
      return topic?.partitions.every(({ isr }) => isr.length === 3);
    },
    { timeoutMs: 60_000, what: 'the one that was away has everything' },
  );
  await Promise.all([producer.disconnect(), admin.disconnect()]);
});
