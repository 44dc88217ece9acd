import {
  type ConsumedRecord,
  type ConsumerHandler,
  type LogConsumer,
  type PartitionOffset,
  type RecordBatch,
  TransientError,
} from '@skald/messaging/simulation';
import type { Process, Scheduler } from '../scheduler.ts';
import type { Log, Partition } from './log.ts';

/** A consumer group: who reads what, and how far it says it has come. */
export interface Group {
  readonly name: string;
  /** Next offsets to read, by partition. */
  readonly committed: Map<Partition, number>;
  join(process: Process, topics: readonly string[], handler: ConsumerHandler): Promise<LogConsumer>;
  /** Everybody joins anew, and is given other partitions. */
  rebalance(): void;
  /** The members of a process that has not been heard of for too long. */
  expel(process: Process): void;
  /** Its members' clients give up, as they do when Kafka stays away. */
  endClients(error: Error): void;
  wake(partition?: Partition): void;
}

interface Member {
  readonly process: Process;
  readonly topics: readonly string[];
  readonly handler: ConsumerHandler;
  generation: number;
  /** What it was given, and up to where it has read. */
  positions: Map<Partition, number>;
  isGone: boolean;
  /** Thrown out: joins again as soon as it hears of it. */
  isExpelled: boolean;
  isPaused: boolean;
  /** Not fetched from. */
  held: ReadonlySet<string>;
  /** Has found nothing to fetch, and waits. */
  isIdle: boolean;
  /** Batches of the last fetch that are not handled. */
  inHand: number;
}

class Rebalancing extends Error {}

const REBALANCE_MS = 60;
const HEARTBEAT_MS = 1_500;

export function createGroup(name: string, log: Log, scheduler: Scheduler): Group {
  const members = new Set<Member>();
  const committed = new Map<Partition, number>();
  let generation = 0;
  let isRebalancing = false;

  const rebalance = () => {
    if (isRebalancing) return;
    isRebalancing = true;
    scheduler.schedule(scheduler.random.next() * REBALANCE_MS, undefined, `${name} rebalances`, assign);
  };

  /** Any partition to anyone, so that those of different topics aren't together. */
  const assign = () => {
    isRebalancing = false;
    generation += 1;
    const shares = new Map<Member, Partition[]>([...members].map((member) => [member, []]));
    const all = [...members];
    if (all.length === 0) return;
    const [first] = all;
    for (const topic of first?.topics ?? []) {
      for (const partition of log.topics.get(topic) ?? []) {
        const member = all.length === 1 ? first : scheduler.random.pick(all);
        if (member !== undefined) shares.get(member)?.push(partition);
      }
    }
    const current = generation;
    for (const [member, share] of shares) {
      scheduler.schedule(scheduler.latency(), member.process, 'partitions are assigned', () => {
        if (current === generation && !member.isGone) take(member, share);
      });
    }
  };

  const take = (member: Member, share: readonly Partition[]) => {
    member.generation = generation;
    member.positions = new Map(share.map((partition) => [partition, committed.get(partition) ?? 0]));
    member.inHand = 0;
    member.handler.onAssigned(share.map(({ topic, index }) => ({ topic, partition: index })));
    fetchSoon(member);
  };

  const fetchSoon = (member: Member) => {
    member.isIdle = false;
    const { generation: current } = member;
    scheduler.schedule(scheduler.latency(), member.process, 'fetches', () => {
      if (member.generation === current && !member.isGone && !member.isPaused) fetch(member);
    });
  };

  const fetch = (member: Member) => {
    if (hearsOfExpulsion(member)) return;
    const batches = log.isAway ? [] : batchesFor(member);
    if (batches.length === 0) {
      member.isIdle = true;
      return;
    }
    const { generation: current, positions } = member;
    member.inHand = batches.length;
    for (const { batch, partition } of batches) {
      const done = (isTaken: boolean) => {
        if (member.generation !== current || member.isGone) return;
        if (isTaken) positions.set(partition, batch.nextOffset);
        member.inHand -= 1;
        if (member.inHand === 0) fetchSoon(member);
      };
      if (batch.records.length === 0) {
        member.handler.onSkipped(batch);
        done(true);
        continue;
      }
      member.handler
        .onRecords(batch, () => heartbeat(member, current))
        .then(done, (error: unknown) => {
          if (error instanceof Rebalancing) return done(false);
          leave(member);
          member.handler.onEnded(error as Error);
        });
    }
  };

  /** A part of what is there, of some of its partitions. */
  const batchesFor = (member: Member): { batch: RecordBatch; partition: Partition }[] => {
    const batches: { batch: RecordBatch; partition: Partition }[] = [];
    for (const [partition, position] of member.positions) {
      const { topic, index, records } = partition;
      const end = records.length;
      if (member.held.has(placeName({ topic, partition: index }))) continue;
      if (position >= end || (batches.length > 0 && scheduler.oneIn(8))) continue;
      const nextOffset = scheduler.oneIn(4) ? scheduler.random.int(position, end) + 1 : end;
      const taken = records.slice(position, nextOffset).filter(isRecord);
      batches.push({
        partition,
        batch: { topic, partition: index, records: taken, fetchedFrom: position, nextOffset, endOffset: end },
      });
    }
    return batches;
  };

  const heartbeat = async (member: Member, of: number) => {
    hearsOfExpulsion(member);
    if (member.isGone || of !== generation || isRebalancing || member.isExpelled) throw new Rebalancing();
  };

  const hearsOfExpulsion = (member: Member): boolean => {
    if (!member.isExpelled || member.isGone || log.isAway) return false;
    member.isExpelled = false;
    member.generation = -1;
    members.add(member);
    rebalance();
    return true;
  };

  /** Its next heartbeat says so, if nothing has before. */
  const tellOfExpulsion = (member: Member) => {
    scheduler.schedule(scheduler.random.next() * HEARTBEAT_MS, member.process, 'a heartbeat', () => {
      if (member.isExpelled && !member.isGone && !hearsOfExpulsion(member)) tellOfExpulsion(member);
    });
  };

  const leave = (member: Member) => {
    member.isGone = true;
    if (members.delete(member)) rebalance();
  };

  const commit = (member: Member, offsets: readonly PartitionOffset[]) =>
    new Promise<void>((resolve, reject) => {
      const { generation: current } = member;
      scheduler.schedule(scheduler.latency(), undefined, `${name} commits offsets`, () => {
        const isRefused = log.isAway || member.isGone || member.isExpelled || current !== generation;
        if (!isRefused) {
          for (const { topic, partition, offset } of offsets) {
            const place = log.topics.get(topic)?.[partition];
            if (place === undefined) continue;
            log.watch.passed(name, place, committed.get(place) ?? 0, offset);
            committed.set(place, offset);
          }
          log.watch.happened('offsets committed', member.process);
          if (scheduler.isTraced)
            scheduler.tell(
              `${member.process.name}: ${offsets.map((o) => `${o.topic}/${o.partition}@${o.offset}`).join()}`,
            );
        }
        scheduler.answer(member.process, 'offsets are committed', () => {
          if (!isRefused) return resolve();
          hearsOfExpulsion(member);
          reject(new TransientError('ILLEGAL_GENERATION', 'Kafka: the group has moved on'));
        });
      });
    });

  const group: Group = {
    name,
    committed,
    rebalance,
    async join(process, topics, handler) {
      const member: Member = {
        process,
        topics,
        handler,
        generation: -1,
        positions: new Map(),
        isGone: false,
        isExpelled: false,
        isPaused: false,
        held: new Set(),
        isIdle: false,
        inHand: 0,
      };
      for (const topic of topics) {
        for (const partition of log.topics.get(topic) ?? [])
          if (!partition.readers.includes(group)) partition.readers.push(group);
      }
      members.add(member);
      rebalance();
      return {
        commit: (offsets) => commit(member, offsets),
        seek(offsets) {
          for (const { topic, partition, offset } of offsets) {
            const place = log.topics.get(topic)?.[partition];
            if (place !== undefined && member.positions.has(place)) member.positions.set(place, offset);
          }
        },
        hold(partitions) {
          member.held = new Set(partitions.map(placeName));
          if (member.isIdle) fetchSoon(member);
        },
        pause() {
          member.isPaused = true;
        },
        async close() {
          leave(member);
        },
      };
    },
    expel(process) {
      for (const member of members) {
        if (member.process !== process) continue;
        member.isExpelled = true;
        members.delete(member);
        rebalance();
        tellOfExpulsion(member);
      }
    },
    endClients(error) {
      for (const member of members) {
        scheduler.schedule(scheduler.latency(), member.process, 'its Kafka client gives up', () => {
          if (member.isGone) return;
          leave(member);
          member.handler.onEnded(error);
        });
      }
    },
    wake(partition) {
      for (const member of members) {
        if (member.isIdle && (partition === undefined || member.positions.has(partition))) fetchSoon(member);
      }
    },
  };
  return group;
}

const isRecord = (record: ConsumedRecord | undefined): record is ConsumedRecord => record !== undefined;

const placeName = ({ topic, partition }: { topic: string; partition: number }): string =>
  `${topic}/${partition}`;
