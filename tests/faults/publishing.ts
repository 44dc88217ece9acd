import { eventually } from '@skald/testkit';
import { type Kafka, Partitioners } from 'kafkajs';

/** A record that a test puts into a topic itself. Without a partition it goes where its key belongs. */
export interface RecordToPlant {
  readonly topic: string;
  readonly partition?: number;
  readonly key: Buffer | string | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

const PATIENCE_MS = 120_000;

/** One by one, in order, however often the broker is away: one that was sent may be sent again. */
export async function publish(kafka: Kafka, records: readonly RecordToPlant[]): Promise<void> {
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  try {
    for (const { topic, partition, key, value, headers } of records) {
      await eventually(
        async () => {
          await producer.connect();
          const message = {
            key,
            value,
            headers: { ...headers },
            ...(partition !== undefined && { partition }),
          };
          await producer.send({ topic, messages: [message] });
          return true;
        },
        { timeoutMs: PATIENCE_MS, what: `a record is in ${topic}` },
      );
    }
  } finally {
    await producer.disconnect();
  }
}
