import { setTimeout as pause } from 'node:timers/promises';
import { type ConsumedRecord, followRecords } from '@skald/messaging';
import type { Logger } from '@skald/service-kit';

export interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

export interface LogFollowOptions {
  readonly brokers: readonly string[];
  /** Of nobody else. */
  readonly group: string;
  readonly topics: readonly string[];
  /** Where it begins; 0 where it isn't said. */
  readonly from?: ReadonlyMap<number, number>;
  /** Consecutive records of one partition. One call at a time. */
  handle(records: readonly ConsumedRecord[]): Promise<void>;
  readonly logger: Logger;
}

/** Reads topics on and on, from where it is told to, for a program that keeps no place of its own. */
export interface LogFollow {
  /** Rejects when it can't go on. Never resolves. */
  readonly failed: Promise<never>;
  /** What it waits for, such as Kafka. */
  waitsFor(): string | undefined;
  /** Whether all before these has been handled. */
  hasReached(places: readonly Place[]): boolean;
  /** Handles nothing from now on; resolves when nothing is in hand. */
  hold(): Promise<void>;
  resume(): void;
  stop(): Promise<void>;
}

const placeName = ({ topic, partition }: Omit<Place, 'offset'>): string => `${topic}/${partition}`;
const HELD_MS = 20;

export function followLog({ brokers, group, topics, from, handle, logger }: LogFollowOptions): LogFollow {
  const next = new Map<string, number>();
  let turn: Promise<void> = Promise.resolve();
  let inHand: Promise<void> = Promise.resolve();
  let isHeld = false;
  let isStopped = false;

  const take = async (records: readonly ConsumedRecord[]) => {
    while (isHeld && !isStopped) await pause(HELD_MS);
    const last = records.at(-1);
    if (isStopped || last === undefined) return;
    inHand = handle(records);
    await inHand;
    next.set(placeName(last), last.offset + 1);
  };

  const follower = followRecords(
    { clientId: group, brokers },
    {
      group,
      topics,
      logger,
      handle(records) {
        const mine = turn.then(() => take(records));
        turn = mine.catch(() => undefined);
        return mine;
      },
      positions: async (partitions) =>
        partitions.map((at) => ({
          ...at,
          offset: next.get(placeName(at)) ?? from?.get(at.partition) ?? 0,
        })),
    },
  );
  follower.start();

  return {
    failed: follower.failed,
    waitsFor: () => follower.status().waitingFor,
    hasReached(places) {
      const reached = follower.reached();
      return places.every(({ offset, ...at }) => {
        const name = placeName(at);
        const begun = from?.get(at.partition) ?? 0;
        return Math.max(reached.get(name) ?? 0, next.get(name) ?? 0, begun) >= offset;
      });
    },
    async hold() {
      isHeld = true;
      await inHand.catch(() => undefined);
    },
    resume() {
      isHeld = false;
    },
    async stop() {
      isStopped = true;
      await follower.stop();
    },
  };
}
