import type { Logger } from 'pino';
import { pause } from './backoff.ts';
import type { Queryable } from './database.ts';
import type { NewCommand } from './kernel.ts';
import { type LogAdmin, type LogClient, type PartitionOffset, partitionName } from './log-client.ts';
import { unlessAborted } from './patience.ts';
import { isReadTo } from './positions.ts';

export interface DeadlineOptions {
  readonly group: string;
  readonly topics: readonly string[];
  readonly graceMs: number;
  due(db: Queryable, now: number): Promise<readonly NewCommand[]>;
}

export interface DeadlineWorker {
  start(): void;
  stop(): Promise<void>;
}

interface Dependencies {
  readonly client: LogClient;
  readonly database: Queryable;
  readonly logger: Logger;
  readonly clock: () => number;
  /** This instance is the one to ask, and nothing holds up what comes in or goes out. */
  isHealthy(): boolean;
  submit(command: NewCommand): Promise<unknown>;
  /** Between two looks, ms. Default 2000. */
  readonly tickMs?: number;
}

/**
 * Fires deadlines, so that an outage fires none: what found itself due waits until the group has read everything that
 * was published before, and no clock runs while events can't come in or go out. After an outage of ours everybody
 * has the whole grace again.
 */
export function createDeadlineWorker(options: DeadlineOptions, dependencies: Dependencies): DeadlineWorker {
  const { client, database, logger, clock, isHealthy, submit, tickMs = 2_000 } = dependencies;
  const stopping = new AbortController();
  let running: Promise<void> | undefined;
  let admin: LogAdmin | undefined;
  let healthySince = clock();
  let barrier: { foundAt: number; ends: readonly PartitionOffset[] } | undefined;

  const tick = async () => {
    if (!isHealthy()) {
      healthySince = clock();
      barrier = undefined;
      return;
    }
    const now = clock();
    if (now - healthySince < options.graceMs) return;
    if (barrier === undefined) {
      if ((await options.due(database, now)).length === 0) return;
      admin ??= await client.admin();
      barrier = { foundAt: now, ends: await admin.endOffsets(options.topics) };
    }
    if (!(await hasReadTo(barrier.ends))) return;
    const commands = await options.due(database, barrier.foundAt);
    barrier = undefined;
    logger.info({ commands: commands.length }, 'deadlines have passed');
    await Promise.all(commands.map(submit));
  };

  const closeAdmin = async () => {
    const old = admin;
    admin = undefined;
    await old?.close();
  };

  const hasReadTo = async (ends: readonly PartitionOffset[]): Promise<boolean> => {
    admin ??= await client.admin();
    const committed = await admin.committedOffsets(options.group, options.topics);
    const read = new Map(committed.map((at) => [partitionName(at), at.offset]));
    return ends.every((end) => isReadTo(end.topic, read.get(partitionName(end)) ?? -1, end.offset));
  };

  const run = async () => {
    while (!stopping.signal.aborted) {
      await pause(tickMs, stopping.signal);
      if (stopping.signal.aborted) return;
      try {
        await unlessAborted(tick(), stopping.signal);
      } catch (error) {
        logger.warn({ err: error }, 'deadlines wait');
        healthySince = clock();
        barrier = undefined;
        await closeAdmin();
      }
    }
  };

  return {
    start() {
      running ??= run();
    },
    async stop() {
      stopping.abort();
      await running;
      await closeAdmin();
    },
  };
}
