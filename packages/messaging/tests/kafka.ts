import { randomUUID } from 'node:crypto';
import { createTopicReader, type TopicRecord } from '@skald/auditor';
import type { RecordToSend } from '../src/entry.ts';
import { createKafkaClient } from '../src/kafkajs-client.ts';
import { provision } from '../src/provision.ts';
import { createRegistry } from '../src/registry.ts';
import { logger } from './given.ts';
import { stack } from './infrastructure.ts';
import { packRecord } from './pack-record.ts';

export const client = createKafkaClient({ clientId: 'test', brokers: stack.addresses.kafka.brokers }, logger);

/** All topics and schemas of the catalogue; answers the topics that were not there before. */
export async function provisioned(): Promise<readonly string[]> {
  const admin = await client.admin();
  try {
    return (await provision(admin, createRegistry(stack.addresses.registry), 1)).createdTopics;
  } finally {
    await admin.close();
  }
}

/** What a topic holds of one key, as a reader sees it who reads what is committed. */
export async function read(topic: string, ...keys: readonly string[]): Promise<TopicRecord[]> {
  const reader = createTopicReader(stack.addresses);
  try {
    return (await reader.read([topic])).filter(({ key }) => keys.includes(key?.toString() ?? ''));
  } finally {
    await reader.close();
  }
}

export const valuesOf = async (topic: string, key: string): Promise<(string | undefined)[]> =>
  (await read(topic, key)).map(({ value }) => value?.toString());

export const recordOf = (topic: string, key: string, value: string | Buffer): RecordToSend =>
  packRecord(topic, key, Buffer.from(value), ['ce_type', 'Test']);

export const uniqueKey = (): string => `test-${randomUUID()}`;
