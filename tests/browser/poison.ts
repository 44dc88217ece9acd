import { randomUUID } from 'node:crypto';
import { Kafka, logLevel, Partitioners } from 'kafkajs';

/** Puts bytes that nobody can read into a topic of payments: a dead letter for each group that reads it. */
export async function poison(brokers: readonly string[], topic: string): Promise<string> {
  const kafka = new Kafka({ clientId: 'browser', brokers: [...brokers], logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  const key = randomUUID();
  await producer.connect();
  const headers = {
    ce_specversion: '1.0',
    ce_id: randomUUID(),
    ce_type: 'PaymentCompleted',
    ce_source: 'browser',
    ce_time: new Date().toISOString(),
    ce_sequence: '1',
  };
  await producer.send({ topic, messages: [{ key, value: Buffer.from('not an event'), headers }] });
  await producer.disconnect();
  return key;
}
