import { randomUUID } from 'node:crypto';
import type { StackAddresses } from '@skald/local-stack';
import { AssignerProtocol, type EachBatchPayload, type IHeaders, Kafka, logLevel } from 'kafkajs';

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
  /** The offset that the next record will get. */
  readonly end: number;
}

/** Looks at Kafka with a client of the tests' own, so that it shares no mistake with the kernel. */
export interface TopicReader {
  /** Every record from offset 0 to where each partition ends now, partition by partition, in order of offset. */
  read(topics: readonly string[]): Promise<TopicRecord[]>;
  ends(topics: readonly string[]): Promise<PartitionEnds[]>;
  /** By `topic/partition`: the next offset that the group will read; absent where it has committed none. */
  committed(group: string, topics: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** By `topic/partition`: the id of the group's member that holds it; empty while the group has none. */
  assignments(group: string): Promise<ReadonlyMap<string, string>>;
  close(): Promise<void>;
}

export function createTopicReader({ kafka: { brokers } }: Pick<StackAddresses, 'kafka'>): TopicReader {
  const kafka = new Kafka({ clientId: 'testkit', brokers: [...brokers], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  let connecting: Promise<void> | undefined;
  const connected = async () => {
    connecting ??= admin.connect();
    await connecting;
    return admin;
  };

  async function ends(topics: readonly string[]): Promise<PartitionEnds[]> {
    const client = await connected();
    const answers = topics.map(async (topic) =>
      (await client.fetchTopicOffsets(topic)).map(({ partition, high, low }) => ({
        topic,
        partition,
        end: high === low ? 0 : Number(high),
      })),
    );
    return (await Promise.all(answers)).flat();
  }

  return {
    ends,
    async read(topics) {
      const wanted = new Map(
        (await ends(topics))
          .filter(({ end }) => end > 0)
          .map((at) => [`${at.topic}/${at.partition}`, at.end]),
      );
      const names = new Set([...wanted.keys()].map((at) => at.slice(0, at.lastIndexOf('/'))));
      return wanted.size === 0 ? [] : await readTo(kafka, [...names], wanted);
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

/** Reads until every partition has come to its end: a transaction's control records at the end count as read, too. */
async function readTo(
  kafka: Kafka,
  topics: string[],
  wanted: ReadonlyMap<string, number>,
): Promise<TopicRecord[]> {
  const consumer = kafka.consumer({
    groupId: `testkit-${randomUUID()}`,
    maxWaitTimeInMs: 50,
    allowAutoTopicCreation: false,
  });
  const open = new Set(wanted.keys());
  const records = new Map<string, TopicRecord[]>();
  try {
    await consumer.connect();
    await consumer.subscribe({ topics, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
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
            const at = `${batch.topic}/${batch.partition}`;
            const read = records.get(at) ?? [];
            const end = wanted.get(at) ?? 0;
            read.push(...toRecords(batch).filter(({ offset }) => offset < end));
            records.set(at, read);
          },
        })
        .catch(reject);
    });
  } finally {
    await consumer.disconnect();
  }
  return [...wanted.keys()].sort().flatMap((at) => records.get(at) ?? []);
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
