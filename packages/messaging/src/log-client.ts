import type { LogRecord, RecordToSend } from './entry.ts';

/** A record as it was read. */
export interface ConsumedRecord extends LogRecord {
  readonly partition: number;
  readonly offset: number;
  /** When it was appended or produced, epoch ms. */
  readonly timestamp: number;
}

/** Consecutive records of one partition. */
export interface RecordBatch {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly ConsumedRecord[];
  /** Where the fetch began that brought it: at its first record, or before. */
  readonly fetchedFrom: number;
  /** Where to go on reading: after the last record, and after control records behind it. */
  readonly nextOffset: number;
  /** The partition's end when this was read. */
  readonly endOffset: number;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface PartitionOffset extends TopicPartition {
  readonly offset: number;
}

/** A partition as one text. */
export const partitionName = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

/** A record's place as one text. */
export const placeOf = (at: PartitionOffset): string => `${partitionName(at)}/${at.offset}`;

export interface LogProducer {
  /**
   * Resolves once all replicas in sync have every record, records of one key in order. A failure leaves it open which
   * of them arrived: send them all again, in order, by a new producer.
   */
  send(records: readonly RecordToSend[]): Promise<void>;
  close(): Promise<void>;
}

export interface ConsumerHandler {
  /** Waits here hold back the fetch; `heartbeat` must be called while waiting. False: not taken, fetch it again. */
  onRecords(batch: RecordBatch, heartbeat: () => Promise<void>): Promise<boolean>;
  /** Nothing to hand on up to `nextOffset`: control records, and what an aborted transaction has left. */
  onSkipped(batch: Omit<RecordBatch, 'records' | 'fetchedFrom'>): void;
  /** Partitions that this member reads from now on, and from which group generation on. Offsets start at what is committed. */
  onAssigned(partitions: readonly TopicPartition[]): void;
  /** The consumer has ended by itself: start a new one. */
  onEnded(error: Error): void;
}

export interface LogConsumer {
  /** Next offsets to read. Ignored for partitions that are not assigned to this member any more. */
  commit(offsets: readonly PartitionOffset[]): Promise<void>;
  /** Reads on from there, instead of what is committed. Ignored for partitions that are not assigned to this member. */
  seek(offsets: readonly PartitionOffset[]): void;
  /** Fetches nothing of these from now on, and of all the others again, whoever they are assigned to. */
  hold(partitions: readonly TopicPartition[]): void;
  /** Fetches nothing more, and stays in the group. */
  pause(): void;
  close(): Promise<void>;
}

export interface TopicToCreate {
  readonly name: string;
  readonly partitions: number;
  readonly config: Readonly<Record<string, string>>;
}

export interface LogAdmin {
  /** Each partition's end; 0 where it holds nothing. */
  endOffsets(topics: readonly string[]): Promise<PartitionOffset[]>;
  /** The group's committed offsets; -1 where nothing is committed. */
  committedOffsets(group: string, topics: readonly string[]): Promise<PartitionOffset[]>;
  /** Creates what is missing; leaves what is there. Answers what was created. */
  createTopics(topics: readonly TopicToCreate[], replication: number): Promise<string[]>;
  close(): Promise<void>;
}

/**
 * The seam to the Kafka client. All failures are TransientError, unless Kafka says that the request itself is wrong.
 * Records are read committed.
 */
export interface LogClient {
  /** A newer producer of the same id fences the older. With `transactions` every `send` is one transaction. */
  producer(options: { id: string; transactions: boolean }): Promise<LogProducer>;
  consume(options: {
    group: string;
    /** Read from their beginning, where the group has committed nothing. */
    topics: readonly string[];
    /** Read from their end, as it is when the partitions are assigned. */
    fromEnd?: readonly string[];
    handler: ConsumerHandler;
  }): Promise<LogConsumer>;
  admin(): Promise<LogAdmin>;
}
