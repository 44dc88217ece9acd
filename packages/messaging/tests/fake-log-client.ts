import { TransientError } from '../src/errors.ts';
import type {
  ConsumedRecord,
  ConsumerHandler,
  LogAdmin,
  LogClient,
  LogProducer,
  PartitionOffset,
  TopicPartition,
} from '../src/log-client.ts';

export interface FakeLogClient extends LogClient {
  isAway: boolean;
  /** The handlers of the consumers so far, the newest last. */
  readonly handlers: ConsumerHandler[];
  readonly handler: ConsumerHandler;
  /** As `topic/partition@offset`, in the order committed. */
  readonly commits: string[];
  /** The same of what was sought. */
  readonly seeks: string[];
  ends: PartitionOffset[];
  committed: PartitionOffset[];
  /** Consumers, producers and admins that are open now. */
  readonly open: number;
  readonly paused: number;
  /** What no consumer is to read. */
  held: readonly TopicPartition[];
}

const away = () => new TransientError('KAFKA_UNAVAILABLE', 'Kafka is away');

export function createFakeLogClient(): FakeLogClient {
  const handlers: ConsumerHandler[] = [];
  const commits: string[] = [];
  let open = 0;
  let paused = 0;
  const opened = <Client>(client: Client): Client => {
    if (fake.isAway) throw away();
    open += 1;
    return client;
  };
  const close = async () => {
    open -= 1;
  };
  const guarded = async <Value>(value: Value): Promise<Value> => {
    if (fake.isAway) throw away();
    return value;
  };
  const admin: LogAdmin = {
    endOffsets: () => guarded(fake.ends),
    committedOffsets: () => guarded(fake.committed),
    createTopics: () => guarded([]),
    close,
  };
  const producer: LogProducer = { send: () => guarded(undefined), close };
  const fake: FakeLogClient = {
    isAway: false,
    handlers,
    commits,
    seeks: [],
    ends: [],
    committed: [],
    held: [],
    get handler() {
      const handler = handlers.at(-1);
      if (handler === undefined) throw new Error('nobody consumes yet');
      return handler;
    },
    get open() {
      return open;
    },
    get paused() {
      return paused;
    },
    producer: async () => opened(producer),
    admin: async () => opened(admin),
    async consume({ handler }) {
      const consumer = opened({
        async commit(offsets: readonly PartitionOffset[]) {
          await guarded(undefined);
          commits.push(...offsets.map(({ topic, partition, offset }) => `${topic}/${partition}@${offset}`));
        },
        pause: () => {
          paused += 1;
        },
        seek: (offsets: readonly PartitionOffset[]) => {
          fake.seeks.push(
            ...offsets.map(({ topic, partition, offset }) => `${topic}/${partition}@${offset}`),
          );
        },
        hold: (partitions: readonly TopicPartition[]) => {
          fake.held = partitions;
        },
        close,
      });
      handlers.push(handler);
      return consumer;
    },
  };
  return fake;
}

export const batchOf = (records: readonly ConsumedRecord[], nextOffset: number, partition = 0) => ({
  topic: 'orders.events',
  partition,
  records,
  fetchedFrom: records[0]?.offset ?? nextOffset,
  nextOffset,
  endOffset: nextOffset,
});
