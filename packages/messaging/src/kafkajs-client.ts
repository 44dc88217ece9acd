import { connect as connectSocket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type {
  Admin,
  Consumer,
  EachBatchPayload,
  ISocketFactory,
  Kafka,
  Message,
  Producer,
  TopicMessages,
} from 'kafkajs';
import kafkajs from 'kafkajs';
import type { Logger } from 'pino';
import { type RecordToSend, setHeader } from './entry.ts';
import { TransientError } from './errors.ts';
import { codeOfKafkaType } from './failures.ts';
import type {
  ConsumedRecord,
  ConsumerHandler,
  LogAdmin,
  LogClient,
  LogConsumer,
  LogProducer,
  PartitionOffset,
  TopicPartition,
} from './log-client.ts';
import { within } from './patience.ts';

/** A broker refuses a request whose records of one partition exceed 1 MiB (message.max.bytes): stay below in all. */
const MAX_SEND_BYTES = 900 * 1024;
const SESSION_TIMEOUT_MS = 6_000;
/** Of one fetch; the others of it come after them. */
const MAX_PARTITIONS = 64;
const FETCH_WAIT_MS = 2_000;
const TRANSACTION_TIMEOUT_MS = 10_000;
/** A client that can't reach its broker may take for ever to say goodbye, ms. */
const CLOSE_TIMEOUT_MS = 3_000;

export interface KafkaSettings {
  /** Shown in the broker's logs and metrics. */
  readonly clientId: string;
  readonly brokers: readonly string[];
}

/** The only module that knows kafkajs, with kafkajs-reader.ts. */
export function createKafkaClient(settings: KafkaSettings, logger: Logger): LogClient {
  const kafka = createKafka(settings, logger);
  return {
    producer: (options) => createProducer(kafka, options),
    consume: (options) => createConsumer(kafka, options),
    admin: () => createAdmin(kafka),
  };
}

export const createKafka = (settings: KafkaSettings, logger: Logger): Kafka =>
  new kafkajs.Kafka({
    clientId: settings.clientId,
    brokers: [...settings.brokers],
    connectionTimeout: 3_000,
    requestTimeout: 10_000,
    socketFactory,
    // Endless patience is ours, outside of the client: its own restarts have been seen to go on for ever in silence.
    retry: { retries: 3, initialRetryTime: 100, maxRetryTime: 1_000, restartOnFailure: async () => false },
    logLevel: kafkajs.logLevel.WARN,
    logCreator:
      () =>
      ({ level, namespace, log: { message, timestamp: _timestamp, logger: _logger, ...rest } }) => {
        // An outage is reported, with what it means, by whoever waits for its end.
        if (level <= kafkajs.logLevel.WARN) logger.debug({ namespace, ...rest }, message);
      },
  });

/** As kafkajs does it, and without Nagle's delay, which it forgets. */
const socketFactory: ISocketFactory = ({ host, port, ssl, onConnect }) => {
  const socket = ssl
    ? connectTls({ host, port, ...ssl }, onConnect)
    : connectSocket({ host, port }, onConnect);
  socket.setKeepAlive(true, 60_000);
  socket.setNoDelay(true);
  return socket;
};

/**
 * The id is Kafka's transactional id even where no transaction is begun (patches/): its epoch travels with every
 * request, and a broker that has heard from a newer producer refuses the older.
 */
async function createProducer(
  kafka: Kafka,
  { id, transactions }: Parameters<LogClient['producer']>[0],
): Promise<LogProducer> {
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    transactionTimeout: TRANSACTION_TIMEOUT_MS,
    transactionalId: id,
  });
  await connected(producer);
  const send = transactions ? sendTransaction : sendAll;
  return {
    send: (records) => transient(send(producer, records)),
    close: () => within(CLOSE_TIMEOUT_MS, producer.disconnect()),
  };
}

async function sendAll(sender: Pick<Producer, 'sendBatch'>, records: readonly RecordToSend[]): Promise<void> {
  for (const topicMessages of inRequests(records)) await sender.sendBatch({ topicMessages, acks: -1 });
}

async function sendTransaction(producer: Producer, records: readonly RecordToSend[]): Promise<void> {
  const transaction = await producer.transaction();
  try {
    await sendAll(transaction, records);
    await transaction.commit();
  } catch (error) {
    await transaction.abort().catch(() => undefined);
    throw error;
  }
}

/** Requests that a broker takes, each grouped by topic, in order. */
function* inRequests(records: readonly RecordToSend[]): Generator<TopicMessages[]> {
  let byTopic = new Map<string, Message[]>();
  let bytes = 0;
  for (const record of records) {
    const size = sizeOf(record);
    if (bytes > 0 && bytes + size > MAX_SEND_BYTES) {
      yield toTopicMessages(byTopic);
      byTopic = new Map();
      bytes = 0;
    }
    const messages = byTopic.get(record.topic);
    const message = toMessage(record);
    if (messages === undefined) byTopic.set(record.topic, [message]);
    else messages.push(message);
    bytes += size;
  }
  if (bytes > 0) yield toTopicMessages(byTopic);
}

const toTopicMessages = (byTopic: ReadonlyMap<string, Message[]>): TopicMessages[] =>
  Array.from(byTopic, ([topic, messages]) => ({ topic, messages }));

/** `body` goes as it is (patches/): nothing is encoded again. */
const toMessage = ({ key, body }: RecordToSend): Message => {
  const message: Message & { body: Buffer } = { key, value: null, body };
  return message;
};

/** Its place in the batch, and its size. */
const RECORD_BYTES = 16;
const sizeOf = ({ body }: RecordToSend): number => RECORD_BYTES + body.length;

async function createConsumer(
  kafka: Kafka,
  { group, topics, fromEnd = [], handler }: Parameters<LogClient['consume']>[0],
): Promise<LogConsumer> {
  const consumer = kafka.consumer({
    groupId: group,
    allowAutoTopicCreation: false,
    sessionTimeout: SESSION_TIMEOUT_MS,
    heartbeatInterval: SESSION_TIMEOUT_MS / 4,
    rebalanceTimeout: 10_000,
    maxWaitTimeInMs: FETCH_WAIT_MS,
    minBytes: 1,
    maxBytesPerPartition: 1024 * 1024,
  });
  listen(consumer, handler);
  await connected(consumer, async () => {
    if (topics.length > 0) await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    if (fromEnd.length > 0) await consumer.subscribe({ topics: [...fromEnd], fromBeginning: false });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      // All that one fetch has brought is handed on before the first of it waits.
      partitionsConsumedConcurrently: MAX_PARTITIONS,
      eachBatch: (payload) => handBatch(payload, handler),
    });
  });
  let held: readonly TopicPartition[] = [];
  let isPaused = false;
  return {
    hold(partitions) {
      // A partition that is paused by name would undo the pause of its topic.
      if (isPaused) return;
      consumer.resume(held.map(toSelection));
      consumer.pause(partitions.map(toSelection));
      held = partitions;
    },
    seek(offsets) {
      for (const { topic, partition, offset } of offsets)
        consumer.seek({ topic, partition, offset: String(offset) });
    },
    async commit(offsets) {
      const own = offsets.map(({ topic, partition, offset }) => ({
        topic,
        partition,
        offset: String(offset),
      }));
      await transient(consumer.commitOffsets(own));
    },
    pause() {
      isPaused = true;
      consumer.pause([...topics, ...fromEnd].map((topic) => ({ topic })));
    },
    close: () => within(CLOSE_TIMEOUT_MS, consumer.disconnect()),
  };
}

const toSelection = ({ topic, partition }: TopicPartition) => ({ topic, partitions: [partition] });

function listen(consumer: Consumer, handler: ConsumerHandler): void {
  consumer.on(consumer.events.GROUP_JOIN, ({ payload: { memberAssignment } }) => {
    handler.onAssigned(
      Object.entries(memberAssignment).flatMap(([topic, partitions]) =>
        partitions.map((partition) => ({ topic, partition })),
      ),
    );
  });
  consumer.on(consumer.events.CRASH, ({ payload: { error } }) => handler.onEnded(error));
  // Batches of control records only never reach eachBatch, and must not look like lag.
  consumer.on(consumer.events.START_BATCH_PROCESS, ({ payload }) => {
    if (payload.batchSize > 0) return;
    const { topic, partition, lastOffset, highWatermark } = payload;
    handler.onSkipped({
      topic,
      partition,
      nextOffset: Number(lastOffset) + 1,
      endOffset: Number(highWatermark),
    });
  });
}

async function handBatch(
  { batch, resolveOffset, heartbeat }: EachBatchPayload,
  handler: ConsumerHandler,
): Promise<void> {
  const { topic, partition, messages } = batch;
  const records = toRecords(batch);
  const lastOffset = batch.lastOffset();
  const nextOffset = Number(lastOffset) + 1;
  const isTaken = await handler.onRecords(
    {
      topic,
      partition,
      records,
      // Missing from its types.
      fetchedFrom: Number((batch as typeof batch & { readonly fetchedOffset: string }).fetchedOffset),
      nextOffset,
      endOffset: Number(batch.highWatermark),
    },
    heartbeat,
  );
  const last = messages.at(-1);
  if (isTaken && last !== undefined) resolveOffset(last.offset);
}

export const toRecords = ({ topic, partition, messages }: EachBatchPayload['batch']): ConsumedRecord[] =>
  messages.map(({ offset, key, value, headers, timestamp }) => ({
    topic,
    partition,
    offset: Number(offset),
    timestamp: Number(timestamp),
    key,
    value,
    headers: toBuffers(headers),
  }));

/** Of a header that stands twice the last counts. Where all are as they should be, nothing is copied. */
function toBuffers(headers: Message['headers']): Record<string, Buffer> {
  for (const name in headers) if (!Buffer.isBuffer(headers[name])) return copyToBuffers(headers);
  return (headers ?? {}) as Record<string, Buffer>;
}

function copyToBuffers(headers: Message['headers']): Record<string, Buffer> {
  const result: Record<string, Buffer> = {};
  for (const name in headers) {
    const value = headers[name];
    const last = Array.isArray(value) ? value.at(-1) : value;
    if (last !== undefined && last !== null)
      setHeader(result, name, Buffer.isBuffer(last) ? last : Buffer.from(last));
  }
  return result;
}

async function createAdmin(kafka: Kafka): Promise<LogAdmin> {
  const admin: Admin = kafka.admin();
  await connected(admin);
  const underWay = new Set<Promise<unknown>>();
  /** What several requests need connects again if it is disconnected between two of them: `close` waits for it. */
  const whole = <Result>(work: Promise<Result>): Promise<Result> => {
    const settled = work.catch(() => undefined).finally(() => underWay.delete(settled));
    underWay.add(settled);
    return transient(work);
  };
  return {
    endOffsets: (topics) => whole(readEnds(admin, topics)),
    async committedOffsets(group, topics) {
      const committed = await whole(admin.fetchOffsets({ groupId: group, topics: [...topics] }));
      return committed.flatMap(({ topic, partitions }): PartitionOffset[] =>
        partitions.map(({ partition, offset }) => ({ topic, partition, offset: Number(offset) })),
      );
    },
    async createTopics(topics, replication) {
      const existing = new Set(await whole(admin.listTopics()));
      const missing = topics.filter(({ name }) => !existing.has(name));
      if (missing.length === 0) return [];
      await whole(
        admin.createTopics({
          waitForLeaders: true,
          topics: missing.map(({ name, partitions, config }) => ({
            topic: name,
            numPartitions: partitions,
            replicationFactor: replication,
            configEntries: Object.entries(config).map(([key, value]) => ({ name: key, value })),
          })),
        }),
      );
      return missing.map(({ name }) => name);
    },
    close: () =>
      within(
        CLOSE_TIMEOUT_MS,
        Promise.all(underWay).then(() => admin.disconnect()),
      ),
  };
}

/**
 * One topic after the other: asked side by side, kafkajs takes a topic that it hears of while it fetches its metadata for
 * one without partitions, and throws a TypeError.
 */
async function readEnds(admin: Admin, topics: readonly string[]): Promise<PartitionOffset[]> {
  const ends: PartitionOffset[] = [];
  for (const topic of topics) {
    for (const { partition, low, high } of await admin.fetchTopicOffsets(topic))
      ends.push({ topic, partition, offset: low === high ? 0 : Number(high) });
  }
  return ends;
}

/** Connects, and does what comes first; leaves no connection behind when that fails. */
async function connected(
  client: Pick<Admin, 'connect' | 'disconnect'>,
  begin?: () => Promise<void>,
): Promise<void> {
  try {
    await transient(client.connect());
    if (begin !== undefined) await transient(begin());
  } catch (error) {
    await within(CLOSE_TIMEOUT_MS, client.disconnect());
    throw error;
  }
}

export async function transient<Result>(request: Promise<Result>): Promise<Result> {
  try {
    return await request;
  } catch (error) {
    const cause = rootCause(error);
    const type = cause instanceof Error && 'type' in cause ? String(cause.type) : 'KAFKA_UNAVAILABLE';
    const code = codeOfKafkaType(type);
    // A zombie's epoch is over: another producer has its transactional id.
    if (code !== type) throw new TransientError(code, 'another producer is active', { cause: error });
    if (error instanceof kafkajs.KafkaJSError || cause instanceof kafkajs.KafkaJSError) {
      throw new TransientError(type, `Kafka: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      });
    }
    throw error;
  }
}

function rootCause(error: unknown): unknown {
  let cause = error;
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
  return cause;
}
