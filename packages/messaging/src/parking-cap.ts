import type { Logger } from 'pino';
import type { Queryable, Statement } from './database.ts';
import { partitionName, type TopicPartition } from './log-client.ts';
import type { ReactionReport } from './reaction.ts';

const LOOK: Statement = {
  name: 'parking-cap-look',
  text: `SELECT topic, partition, count(*) AS messages, count(DISTINCT key) AS keys, min(parked_at) AS oldest
         FROM messaging.parked WHERE state = 'parked' GROUP BY topic, partition`,
};

/** What is open in the parking, as last counted. */
export interface ParkingSummary {
  readonly messages: number;
  readonly keys: number;
  /** Epoch ms; undefined where nothing is parked. */
  readonly oldestAt: number | undefined;
}

export interface ParkingCapOptions {
  /** Open messages of one partition at which it pauses. */
  readonly cap: number;
  readonly logger: Logger;
  /** Whenever other partitions than before are full: those that are. */
  onChange(full: readonly TopicPartition[]): void;
}

export interface ParkingCap {
  /** Counts anew: every few seconds, as others redrive and discard. Throws TransientError while Postgres is away. */
  look(db: Queryable): Promise<void>;
  /** These have just been committed. */
  note(outcomes: ReactionReport['outcomes']): void;
  readonly full: readonly TopicPartition[];
  readonly summary: ParkingSummary;
}

interface Count extends TopicPartition {
  messages: number;
  readonly keys: number;
  readonly oldest: Date;
}

/**
 * A partition with too many parked messages pauses, the others go on, and nothing is dropped: what isn't read stays in
 * Kafka. It goes on once there is room. What this process parks counts at once, so no more than what was fetched is parked
 * beyond the cap.
 */
export function createParkingCap({ cap, logger, onChange }: ParkingCapOptions): ParkingCap {
  let counts = new Map<string, Count>();
  let full: readonly TopicPartition[] = [];

  const decide = () => {
    const now = [...counts.values()].filter(({ messages }) => messages >= cap);
    const before = new Set(full.map(partitionName));
    const names = new Set(now.map(partitionName));
    for (const name of names) if (!before.has(name)) logger.error({ partition: name, cap }, PAUSED);
    for (const name of before) if (!names.has(name)) logger.info({ partition: name, cap }, RESUMED);
    full = now.map(({ topic, partition }) => ({ topic, partition }));
    if (names.size !== before.size || [...names].some((name) => !before.has(name))) onChange(full);
  };

  return {
    async look(db) {
      const rows = await db.query<Count>(LOOK);
      counts = new Map(rows.map((row) => [partitionName(row), row]));
      decide();
    },
    note(outcomes) {
      let isChanged = false;
      for (const { topic, partition, outcome } of outcomes) {
        if (outcome !== 'poison' && outcome !== 'parked') continue;
        isChanged = true;
        const known = counts.get(partitionName({ topic, partition }));
        if (known !== undefined) known.messages += 1;
        else {
          const first = { topic, partition, messages: 1, keys: 1, oldest: new Date() };
          counts.set(partitionName(first), first);
        }
      }
      if (isChanged) decide();
    },
    get full() {
      return full;
    },
    get summary() {
      const all = [...counts.values()];
      const sum = (of: (count: Count) => number) => all.reduce((total, count) => total + of(count), 0);
      return {
        messages: sum(({ messages }) => messages),
        keys: sum(({ keys }) => keys),
        oldestAt: all.length === 0 ? undefined : Math.min(...all.map(({ oldest }) => oldest.getTime())),
      };
    },
  };
}

const PAUSED = 'too many parked messages: the partition pauses until some are redriven or discarded';
const RESUMED = 'there is room for parked messages: the partition goes on';
