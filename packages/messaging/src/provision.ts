import { deadLetterTopics, eventNames, schemaOf, subjectOf, topicConfig, topics } from '@skald/contracts';
import type { LogAdmin, TopicToCreate } from './log-client.ts';
import type { Registry } from './registry.ts';

/** Room for the largest record that a topic takes, and the headers that say why it failed. */
const DEAD_LETTER_BYTES = 2 * 1024 * 1024;

export interface ProvisionReport {
  readonly createdTopics: readonly string[];
  readonly schemas: number;
}

/**
 * Creates every topic of the catalogue and registers every schema. Safe to repeat; changes nothing that is there.
 * Throws what the registry says when it refuses a schema: no record of that form must ever be written.
 */
export async function provision(
  admin: LogAdmin,
  registry: Registry,
  replication: number,
): Promise<ProvisionReport> {
  const createdTopics = await admin.createTopics(topicsToCreate(replication), replication);
  for (const name of eventNames) await registry.register(subjectOf(name), schemaOf(name));
  return { createdTopics, schemas: eventNames.length };
}

export function topicsToCreate(replication: number): TopicToCreate[] {
  const minIsr = { 'min.insync.replicas': String(Math.max(1, replication - 1)) };
  const carriers = Object.values(topics).map((topic) => ({
    name: topic.name,
    partitions: topic.partitions,
    config: { ...topicConfig(topic), ...minIsr },
  }));
  const deadLetters = deadLetterTopics.map(({ name, partitions, retentionMs }) => ({
    name,
    partitions,
    config: {
      'cleanup.policy': 'delete',
      'retention.ms': String(retentionMs),
      'max.message.bytes': String(DEAD_LETTER_BYTES),
      ...minIsr,
    },
  }));
  return [...carriers, ...deadLetters];
}
