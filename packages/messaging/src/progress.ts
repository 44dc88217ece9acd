import type { Queryable, Statement } from './database.ts';
import type { TopicPartition } from './log-client.ts';

/** How the starts of a partition before this one ended. */
export interface PartitionStart {
  /** In a row, each before its first batch was committed. */
  readonly crashes: number;
  /** The messages that were in hand, and nothing else, when the process died, and how often in a row they were. */
  readonly suspects: (Span & { readonly crashes: number }) | undefined;
}

/** Offsets of one partition, both included. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What a process leaves behind of the partitions that it reads, for whoever reads them after it. */
export interface Progress {
  /** This process is about to read the partition for the first time, from an offset on. */
  begin(at: TopicPartition, offset: number): Promise<PartitionStart>;
  /** Nothing but these messages is in hand. False: another process has begun to read the partition. */
  takeAlone(at: TopicPartition, span: Span): Promise<boolean>;
  /** They are done. */
  letGo(at: TopicPartition): Promise<void>;
  /** What this process has read of the partition is committed. */
  made(at: TopicPartition): Promise<void>;
  /** This process ends in order: whatever it hasn't finished, it didn't die of it. */
  release(): Promise<void>;
}

/** A holder that lives has lost the partition to a rebalance, and a holder of NULL has ended in order: neither has died. */
const BEGIN: Statement = {
  name: 'progress-begin',
  text: `
  INSERT INTO messaging.progress AS p (topic, partition, "offset", holder) VALUES ($1, $2, $3::bigint, $4::uuid)
  ON CONFLICT (topic, partition) DO UPDATE
  SET ("offset", holder, in_hand, crashes, alone_crashes) = (
    SELECT $3::bigint, $4::uuid, false,
           CASE WHEN NOT has_died THEN p.crashes WHEN was_alone OR $3 <= p."offset" THEN p.crashes + 1 ELSE 0 END,
           CASE WHEN NOT has_died THEN p.alone_crashes WHEN was_alone THEN p.alone_crashes + 1 ELSE 0 END
    FROM (SELECT p.holder <> $4 AND NOT EXISTS (SELECT FROM messaging.live_instances i WHERE i.id = p.holder)) AS h (died),
         LATERAL (SELECT coalesce(died, false)) AS d (has_died),
         LATERAL (SELECT coalesce(has_died AND p.in_hand AND coalesce(p.alone_until, p.alone_offset) >= $3, false)) AS a (was_alone))
  RETURNING crashes, alone_offset, coalesce(alone_until, alone_offset) AS alone_until, alone_crashes`,
};
const TAKE_ALONE: Statement = {
  name: 'progress-take-alone',
  text: `UPDATE messaging.progress
         SET in_hand = true, alone_offset = $3, alone_until = $4,
           alone_crashes = CASE WHEN alone_offset = $3 AND alone_until = $4 THEN alone_crashes ELSE 0 END
         WHERE topic = $1 AND partition = $2 AND holder = $5 RETURNING 1 AS held`,
};
const LET_GO: Statement = {
  name: 'progress-let-go',
  text: 'UPDATE messaging.progress SET in_hand = false WHERE topic = $1 AND partition = $2 AND holder = $3',
};
const MADE: Statement = {
  name: 'progress-made',
  text: `UPDATE messaging.progress SET crashes = 0, holder = NULL, in_hand = false, alone_offset = NULL, alone_until = NULL, alone_crashes = 0
         WHERE topic = $1 AND partition = $2 AND holder = $3`,
};
const RELEASE: Statement = {
  name: 'progress-release',
  text: 'UPDATE messaging.progress SET holder = NULL, in_hand = false WHERE holder = $1',
};

interface Row {
  crashes: number;
  alone_offset: number | null;
  alone_until: number | null;
  alone_crashes: number;
}

/** `instance`: as it is known in messaging.instances. Everything throws TransientError while Postgres is away. */
export function createProgress(database: Queryable, instance: string): Progress {
  return {
    async begin({ topic, partition }, offset) {
      const [row] = await database.query<Row>(BEGIN, [topic, partition, offset, instance]);
      const { crashes, alone_offset: from, alone_until: to, alone_crashes: times } = row ?? none;
      return { crashes, suspects: from === null || to === null ? undefined : { from, to, crashes: times } };
    },
    async takeAlone({ topic, partition }, { from, to }) {
      return (await database.query(TAKE_ALONE, [topic, partition, from, to, instance])).length > 0;
    },
    async letGo({ topic, partition }) {
      await database.query(LET_GO, [topic, partition, instance]);
    },
    async made({ topic, partition }) {
      await database.query(MADE, [topic, partition, instance]);
    },
    async release() {
      await database.query(RELEASE, [instance]);
    },
  };
}

const none: Row = { crashes: 0, alone_offset: null, alone_until: null, alone_crashes: 0 };
