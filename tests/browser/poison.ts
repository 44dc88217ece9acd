import { randomUUID } from 'node:crypto';
import { Kafka, logLevel, Partitioners } from 'kafkajs';

/** Puts bytes that nobody can read into a topic of payments: a dead letter for each group that reads it. Answers their keys. */
export async function poison(
  brokers: readonly string[],
  { messages = 1, mark = '' }: { readonly messages?: number; readonly mark?: string } = {},
): Promise<string[]> {
  const kafka = new Kafka({ clientId: 'browser', brokers: [...brokers], logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  const keys = Array.from({ length: messages }, () => randomUUID());
  await producer.connect();
  const headers = () => ({
    ce_specversion: '1.0',
    ce_id: randomUUID(),
    ce_type: 'PaymentCompleted',
    ce_source: 'browser',
    ce_time: new Date().toISOString(),
    ce_sequence: '1',
  });
  await producer.send({
    topic: 'payments.events',
    messages: keys.map((key) => ({ key, value: Buffer.from(`not an event ${mark}`), headers: headers() })),
  });
  await producer.disconnect();
  return keys;
}
