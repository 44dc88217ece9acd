import { deadLetterTopics, topics } from '@skald/contracts';
import {
  type ConsumedRecord,
  type RecordToSend,
  readRecord,
  TransientError,
} from '@skald/messaging/simulation';
import kafkajs from 'kafkajs';
import type { Scheduler } from '../scheduler.ts';
import { EPOCH } from '../simulated-time.ts';
import type { Watch } from '../watch.ts';
import { createGroup, type Group } from './group.ts';

export interface Partition {
  readonly topic: string;
  readonly index: number;
  /** By offset. Undefined: a control record, which nobody is handed. */
  readonly records: (ConsumedRecord | undefined)[];
  /** The newest epoch of each producer that has written here. */
  readonly epochs: Map<string, number>;
  /** By service, the newest producer that has written here, whatever its name: see `Producer.opening`. */
  readonly writers: Map<string, number>;
  readonly readers: Group[];
}

/** As much of Kafka as the services rest on, in memory. */
export interface Log {
  readonly topics: ReadonlyMap<string, readonly Partition[]>;
  readonly groups: ReadonlyMap<string, Group>;
  readonly watch: Watch;
  /** Of all partitions, by whomever. */
  readonly lastWritten: Partition | undefined;
  isAway: boolean;
  /** One request to produce in so many fails, of what it brought anything may have arrived. 0: none. */
  failsOneIn: number;
  groupOf(name: string): Group;
  /** It fences those before of the same id. */
  openProducer(service: string, id: string, transactions: boolean): Producer;
  /** Takes records in. Throws TransientError: FENCED, or as the seed decides; what of them arrived is open then. */
  produce(producer: Producer, records: readonly RecordToSend[]): void;
  append(
    partition: Partition,
    record: Omit<ConsumedRecord, 'topic' | 'partition' | 'offset' | 'timestamp'>,
  ): void;
  partitionFor(topic: string, key: string | Buffer | null): Partition;
  /** Something may have come that members wait for. */
  wakeReaders(): void;
}

export interface Producer {
  readonly id: string;
  readonly service: string;
  readonly epoch: number;
  /** Rises with each producer that anybody opens. */
  readonly opening: number;
  readonly transactions: boolean;
}

export const kafkaAway = () => new TransientError('KAFKA_UNAVAILABLE', 'Kafka is away');

const partitionOf = kafkajs.Partitioners.DefaultPartitioner();
const metadataOf = (count: number) =>
  Array.from({ length: count }, (_, partitionId) => ({
    partitionErrorCode: 0,
    partitionId,
    leader: 1,
    replicas: [],
    isr: [],
  }));
const metadata = new Map([1, 6].map((count) => [count, metadataOf(count)]));

export function createLog(scheduler: Scheduler, watch: Watch): Log {
  const all = new Map<string, Partition[]>();
  for (const { name, partitions } of [...Object.values(topics), ...deadLetterTopics]) {
    all.set(
      name,
      Array.from({ length: partitions }, (_, index) => ({
        topic: name,
        index,
        records: [],
        epochs: new Map(),
        writers: new Map(),
        readers: [],
      })),
    );
  }
  const groups = new Map<string, Group>();
  const epochs = new Map<string, number>();
  const places = new Map<string, Partition>();
  let openings = 0;
  let lastWritten: Partition | undefined;

  const partitionsOf = (topic: string): readonly Partition[] => {
    const partitions = all.get(topic);
    if (partitions === undefined) throw new Error(`there is no topic ${topic}`);
    return partitions;
  };

  const partitionFor = (topic: string, key: string | Buffer | null): Partition => {
    const partitions = partitionsOf(topic);
    const name = `${topic}\n${typeof key === 'string' ? key : key?.toString('latin1')}`;
    let place = places.get(name);
    if (place === undefined) {
      const partitionMetadata = metadata.get(partitions.length) ?? metadataOf(partitions.length);
      const index =
        key === null ? 0 : partitionOf({ topic, partitionMetadata, message: { key, value: null } });
      place = partitions[index] as Partition;
      places.set(name, place);
    }
    return place;
  };

  const append: Log['append'] = (partition, record) => {
    const { topic, index, records } = partition;
    const timestamp = Math.floor(EPOCH + scheduler.now);
    lastWritten = partition;
    records.push({ ...record, topic, partition: index, offset: records.length, timestamp });
    for (const group of partition.readers) group.wake(partition);
  };

  /** By partition, each with its records in order. */
  const byPartition = (records: readonly RecordToSend[]) => {
    const batches = new Map<Partition, RecordToSend[]>();
    for (const record of records) {
      const partition = partitionFor(record.topic, record.key);
      const batch = batches.get(partition);
      if (batch === undefined) batches.set(partition, [record]);
      else batch.push(record);
    }
    return batches;
  };

  /** 15: what a producer sends late never lies behind what its successor has sent. */
  const watchOrder = (partition: Partition, { service, opening }: Producer) => {
    const newest = partition.writers.get(service) ?? 0;
    if (newest > opening)
      watch.broken.push(`15: a zombie of ${service} has written to ${partition.topic} behind its successor`);
    partition.writers.set(service, Math.max(newest, opening));
  };

  const fenced = () => new TransientError('FENCED', 'another producer is active');

  const log: Log = {
    topics: all,
    groups,
    watch,
    get lastWritten() {
      return lastWritten;
    },
    isAway: false,
    failsOneIn: 0,
    partitionFor,
    append,
    groupOf(name) {
      let group = groups.get(name);
      if (group === undefined) {
        group = createGroup(name, log, scheduler);
        groups.set(name, group);
      }
      return group;
    },
    openProducer(service, id, transactions) {
      const epoch = (epochs.get(id) ?? 0) + 1;
      epochs.set(id, epoch);
      openings += 1;
      return { id, service, epoch, opening: openings, transactions };
    },
    produce(producer, records) {
      const { id, epoch, transactions } = producer;
      const batches = byPartition(records);
      const fails = log.failsOneIn > 0 && scheduler.oneIn(log.failsOneIn);
      if (transactions) {
        if ((epochs.get(id) ?? 0) > epoch) throw fenced();
        if (fails && scheduler.oneIn(2)) throw kafkaAway();
      }
      let isFenced = false;
      for (const [partition, batch] of batches) {
        if ((partition.epochs.get(id) ?? 0) > epoch) {
          isFenced = true;
          continue;
        }
        if (fails && !transactions && scheduler.oneIn(2)) continue;
        partition.epochs.set(id, epoch);
        watchOrder(partition, producer);
        for (const record of batch) append(partition, readRecord(record));
        if (transactions) partition.records.push(undefined);
      }
      if (isFenced) throw fenced();
      if (fails) throw kafkaAway();
    },
    wakeReaders() {
      for (const group of groups.values()) group.wake();
    },
  };
  return log;
}
