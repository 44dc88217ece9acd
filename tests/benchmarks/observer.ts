import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { type IHeaders, Kafka, type KafkaMessage, logLevel } from 'kafkajs';

/** How a contender's message says what it is. */
export type EventFormat = 'cloudevents' | 'json';

export interface Confirmation {
  readonly orderId: string;
  readonly eventId: string;
  /** The message's own timestamp: appended to the log, epoch ms, whole. */
  readonly appendedAt: number;
}

export interface Observer {
  stop(): Promise<void>;
}

/**
 * Watches a contender's topic from outside, as any other service would, from now on. Resolves once it reads at the
 * topic's end.
 */
export async function observeConfirmations(
  options: { brokers: readonly string[]; topic: string; format: EventFormat },
  confirmed: (confirmation: Confirmation) => void,
): Promise<Observer> {
  const kafka = new Kafka({
    clientId: 'benchmark',
    brokers: [...options.brokers],
    logLevel: logLevel.ERROR,
    socketFactory: ({ host, port, onConnect }) => connect({ host, port, noDelay: true }, onConnect),
  });
  const consumer = kafka.consumer({ groupId: `benchmark-${randomUUID()}`, maxWaitTimeInMs: 500 });
  const read = options.format === 'json' ? readJson : readCloudEvent;
  await consumer.connect();
  await consumer.subscribe({ topic: options.topic, fromBeginning: false });
  const reading = new Promise<void>((resolve) => {
    const forget = consumer.on(consumer.events.FETCH, () => {
      forget();
      resolve();
    });
  });
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: true,
    eachBatch: async ({ batch }) => {
      for (const message of batch.messages) {
        const confirmation = read(message);
        if (confirmation !== undefined) confirmed(confirmation);
      }
    },
  });
  await reading;
  return {
    stop: () => consumer.disconnect(),
  };
}

/** The event's name is the end of `ce_type`; nothing needs decoding. */
function readCloudEvent({ key, headers = {}, timestamp }: KafkaMessage): Confirmation | undefined {
  const { ce_type: type, ce_id: id } = headers;
  if (!text(type).endsWith('OrderConfirmed')) return undefined;
  return { orderId: text(key), eventId: text(id), appendedAt: Number(timestamp) };
}

function readJson({ key, value, timestamp }: KafkaMessage): Confirmation | undefined {
  const event = JSON.parse(text(value)) as { id: string; type: string };
  if (event.type !== 'OrderConfirmed') return undefined;
  return { orderId: text(key), eventId: event.id, appendedAt: Number(timestamp) };
}

/** A header that came more than once counts as its first. */
const text = (bytes: IHeaders[string] | Buffer | null): string =>
  (Array.isArray(bytes) ? bytes[0] : bytes)?.toString() ?? '';
