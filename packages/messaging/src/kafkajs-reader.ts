import { randomUUID } from 'node:crypto';
import type { EachBatchPayload, Kafka } from 'kafkajs';
import type { Logger } from 'pino';
import { createKafka, type KafkaSettings, toRecords, transient } from './kafkajs-client.ts';
import type { ConsumedRecord, TopicPartition } from './log-client.ts';
import { within } from './patience.ts';

export interface Range extends TopicPartition {
  /** Offsets: the first, and the one behind the last. */
  readonly from: number;
  readonly to: number;
  /** Of keys and values. */
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

export interface RangeRead {
  readonly records: readonly ConsumedRecord[];
  /** Everything from `from` to here has been read; less than `to` where bytes or time were over. */
  readonly readTo: number;
  /** The partition's end. */
  readonly endOffset: number;
}

/** Reads a stretch of a partition, once, without any offset being committed. */
export interface RangeReader {
  /** Offsets that retention has taken are passed over. Throws TransientError while Kafka is away. */
  read(range: Range): Promise<RangeRead>;
}

const CLOSE_MS = 3_000;

export function createRangeReader(settings: KafkaSettings, logger: Logger): RangeReader {
  const kafka = createKafka(settings, logger);
  return { read: (range) => readRange(kafka, settings.clientId, range) };
}

/** Forgets a group and what it has committed; nothing where there is none. Throws TransientError while Kafka is away. */
export async function deleteGroup(settings: KafkaSettings, group: string, logger: Logger): Promise<void> {
  const admin = createKafka(settings, logger).admin();
  try {
    await transient(admin.connect());
    // It says for each group why it could not be deleted: that there is none, or somebody in it, whom nobody misses here.
    await admin.deleteGroups([group]).catch(() => undefined);
  } finally {
    await within(CLOSE_MS, admin.disconnect());
  }
}

async function readRange(kafka: Kafka, clientId: string, range: Range): Promise<RangeRead> {
  const { topic, partition } = range;
  const admin = kafka.admin();
  try {
    await transient(admin.connect());
    const offsets = await transient(admin.fetchTopicOffsets(topic));
    const known = offsets.find((entry) => entry.partition === partition);
    if (known === undefined) return { records: [], readTo: range.to, endOffset: 0 };
    const endOffset = Number(known.high);
    const from = Math.max(range.from, Number(known.low));
    const to = Math.min(range.to, endOffset);
    if (from >= to) return { records: [], readTo: range.to, endOffset };
    const group = `${clientId}.look.${randomUUID()}`;
    const read = await readAs(kafka, group, { ...range, from, to });
    // A group that has committed nothing would go by itself, in the end.
    await admin.deleteGroups([group]).catch(() => undefined);
    return { ...read, readTo: read.readTo >= to ? range.to : read.readTo, endOffset };
  } finally {
    await within(CLOSE_MS, admin.disconnect());
  }
}

/** kafkajs reads as a member of a group alone: of one that nobody else is in. */
async function readAs(kafka: Kafka, groupId: string, range: Range): Promise<Omit<RangeRead, 'endOffset'>> {
  const { topic, partition, from, to } = range;
  const consumer = kafka.consumer({
    groupId,
    allowAutoTopicCreation: false,
    maxWaitTimeInMs: 100,
    maxBytesPerPartition: Math.min(range.maxBytes, 1024 * 1024),
  });
  const records: ConsumedRecord[] = [];
  let bytes = 0;
  let readTo = from;
  let isBegun = false;
  let end: () => void = () => undefined;
  let crash: (error: Error) => void = () => undefined;
  const ended = new Promise<void>((resolve, reject) => {
    end = resolve;
    crash = reject;
  });
  ended.catch(() => undefined);

  /** What comes before the seek is in force is another stretch's. */
  const take = ({ batch }: EachBatchPayload) => {
    if (!isBegun || batch.partition !== partition || bytes >= range.maxBytes) return;
    for (const record of toRecords(batch)) {
      if (record.offset < readTo || record.offset >= to) continue;
      records.push(record);
      bytes += (record.key?.length ?? 0) + (record.value?.length ?? 0);
    }
    readTo = Math.max(readTo, Number(batch.lastOffset()) + 1);
    if (readTo >= to || bytes >= range.maxBytes) end();
  };

  consumer.on(consumer.events.CRASH, ({ payload }) => crash(payload.error));
  // Batches of control records only never reach eachBatch.
  consumer.on(consumer.events.START_BATCH_PROCESS, ({ payload }) => {
    if (!isBegun || payload.batchSize > 0 || payload.partition !== partition) return;
    readTo = Math.max(readTo, Number(payload.lastOffset) + 1);
    if (readTo >= to) end();
  });
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    const others = (payload.memberAssignment[topic] ?? []).filter((other) => other !== partition);
    consumer.pause([{ topic, partitions: others }]);
    consumer.seek({ topic, partition, offset: String(from) });
    isBegun = true;
  });
  const timer = setTimeout(end, range.timeoutMs);
  try {
    await transient(consumer.connect());
    await transient(consumer.subscribe({ topic, fromBeginning: true }));
    await transient(consumer.run({ autoCommit: false, eachBatch: async (payload) => take(payload) }));
    await transient(ended);
  } finally {
    clearTimeout(timer);
    await within(CLOSE_MS, consumer.disconnect());
  }
  return { records, readTo };
}
