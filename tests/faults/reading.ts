import { createTopicReader, type TopicReader } from '@skald/auditor';
import type { StackAddresses } from '@skald/local-stack';

/** A look at Kafka with a connection of its own: a broker that dies in between spoils no other. */
export async function withReader<Result>(
  addresses: StackAddresses,
  look: (reader: TopicReader) => Promise<Result>,
): Promise<Result> {
  const reader = createTopicReader(addresses);
  try {
    return await look(reader);
  } finally {
    await reader.close();
  }
}
