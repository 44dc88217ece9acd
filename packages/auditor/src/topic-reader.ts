import { randomUUID } from 'node:crypto';
import { AssignerProtocol, type EachBatchPayload, type IHeaders, Kafka, logLevel } from 'kafkajs';
import type { Witnesses } from './witnesses.ts';

/** A record as it lies in its topic. */
export interface TopicRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Epoch ms. */
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

export interface PartitionEnds {
  readonly topic: string;
  readonly partition: number;
  /** The first offset that is still there. */
  readonly start: number;
  /** The offset that the next record will get; 0 where nothing is there. */
  readonly end: number;
}

/** Takes records as they come: in order within a partition. */
export type TakeRecords = (records: readonly TopicRecord[]) => Promise<void> | void;

/** Looks at Kafka with a client of its own, so that it shares no mistake with the kernel. */
export interface TopicReader {
  /** Every record from offset 0 to where each partition ends now, partition by partition, in order of offset. */
  read(topics: readonly string[]): Promise<TopicRecord[]>;
  /** The same without holding it: answers where the partitions began and ended. Throws when nothing comes for 60 s. */
  stream(topics: readonly string[], take: TakeRecords): Promise<PartitionEnds[]>;
  ends(topics: readonly string[]): Promise<PartitionEnds[]>;
  /** By `topic/partition`: the next offset that the group will read; absent where it has committed none. */
  committed(group: string, topics: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** By `topic/partition`: the id of the group's member that holds it; empty while the group has none. */
  assignments(group: string): Promise<ReadonlyMap<string, string>>;
  close(): Promise<void>;
}

export function createTopicReader({ kafka: { brokers } }: Pick<Witnesses, 'kafka'>): TopicReader {
  const kafka = new Kafka({ clientId: 'auditor', brokers: [...brokers], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  let connecting: Promise<void> | undefined;
  const connected = async () => {
    connecting ??= admin.connect();
    // A broker that is away now may be back by the next look.
    await connecting.catch((error: unknown) => {
      connecting = undefined;
      throw error;
    });
    return admin;
  };

  async function ends(topics: readonly string[]): Promise<PartitionEnds[]> {
    const client = await connected();
    const answers: PartitionEnds[] = [];
    // One after the other: kafkajs's metadata doesn't bear several new topics at once.
    for (const topic of topics) {
      for (const { partition, high, low } of await client.fetchTopicOffsets(topic))
        answers.push({ topic, partition, start: Number(low), end: high === low ? 0 : Number(high) });
    }
    return answers;
  }

  async function stream(topics: readonly string[], take: TakeRecords): Promise<PartitionEnds[]> {
    const all = await ends(topics);
    const wanted = new Map(
      all.filter(({ end }) => end > 0).map((at) => [`${at.topic}/${at.partition}`, at.end]),
    );
    const names = new Set(all.filter(({ end }) => end > 0).map(({ topic }) => topic));
    if (wanted.size > 0) await readTo(kafka, [...names], wanted, take);
    return all;
  }

  return {
    ends,
    stream,
    async read(topics) {
      const records = new Map<string, TopicRecord[]>();
      await stream(topics, (batch) => {
        for (const record of batch) {
          const at = `${record.topic}/${record.partition}`;
          const read = records.get(at);
          if (read) read.push(record);
          else records.set(at, [record]);
        }
      });
      return [...records.keys()].sort().flatMap((at) => records.get(at) ?? []);
    },
    async committed(group, topics) {
      const answer = await (await connected()).fetchOffsets({ groupId: group, topics: [...topics] });
      return new Map(
        answer.flatMap(({ topic, partitions }) =>
          partitions
            .filter(({ offset }) => Number(offset) >= 0)
            .map(({ partition, offset }) => [`${topic}/${partition}`, Number(offset)] as const),
        ),
      );
    },
    async assignments(group) {
      const { groups } = await (await connected()).describeGroups([group]);
      const members = groups.flatMap((described) => described.members);
      return new Map(
        members.flatMap(({ memberId, memberAssignment }) => {
          const assigned = AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment ?? {};
          return Object.entries(assigned).flatMap(([topic, partitions]) =>
            partitions.map((partition) => [`${topic}/${partition}`, memberId] as const),
          );
        }),
      );
    },
    async close() {
      if (connecting) await admin.disconnect();
    },
  };
}

/** Nothing comes for so long, ms: a partition without a leader. */
const SILENCE_MS = 60_000;

/** Reads until every partition has come to its end: a transaction's control records at the end count as read, too. */
async function readTo(
  kafka: Kafka,
  topics: string[],
  wanted: ReadonlyMap<string, number>,
  take: TakeRecords,
): Promise<void> {
  const consumer = kafka.consumer({
    groupId: `auditor-${randomUUID()}`,
    maxWaitTimeInMs: 50,
    allowAutoTopicCreation: false,
  });
  const open = new Set(wanted.keys());
  let silence: NodeJS.Timeout | undefined;
  try {
    await consumer.connect();
    await consumer.subscribe({ topics, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      const heard = () => {
        clearTimeout(silence);
        silence = setTimeout(
          () => reject(new Error(`nothing more comes of ${[...open].join()}`)),
          SILENCE_MS,
        );
      };
      heard();
      consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
        heard();
        const at = `${payload.topic}/${payload.partition}`;
        if (Number(payload.lastOffset) >= (wanted.get(at) ?? 0) - 1) open.delete(at);
        if (open.size === 0) resolve();
      });
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        if (!payload.restart) reject(payload.error);
      });
      consumer
        .run({
          autoCommit: false,
          eachBatch: async ({ batch }) => {
            const end = wanted.get(`${batch.topic}/${batch.partition}`) ?? 0;
            await take(toRecords(batch).filter(({ offset }) => offset < end));
          },
        })
        .catch(reject);
    });
  } finally {
    clearTimeout(silence);
    await consumer.disconnect();
  }
}

const toRecords = ({ topic, partition, messages }: EachBatchPayload['batch']): TopicRecord[] =>
  messages.map(({ offset, timestamp, key, value, headers }) => ({
    topic,
    partition,
    offset: Number(offset),
    timestamp: Number(timestamp),
    key,
    value,
    headers: toTexts(headers ?? {}),
  }));

const toTexts = (headers: IHeaders): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value ?? '')]));
