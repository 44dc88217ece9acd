import type { Logger } from 'pino';
import type { Queryable } from './database.ts';
import { createKafkaClient, type KafkaSettings } from './kafkajs-client.ts';
import { deleteGroup } from './kafkajs-reader.ts';
import { type LogAdmin, type PartitionOffset, partitionName } from './log-client.ts';

/** How far logs and groups are, for programs that wait for it. All of it throws TransientError while Kafka is away. */
export interface Standing {
  /** Each partition's end as it is now; 0 where it holds nothing. */
  ends(topics: readonly string[]): Promise<readonly PartitionOffset[]>;
  /** Whether the group has committed all that lies before these ends. */
  hasCommitted(group: string, ends: readonly PartitionOffset[]): Promise<boolean>;
  /** Forgets a group that nobody is in any more. */
  forget(group: string): Promise<void>;
}

export function createStanding(kafka: KafkaSettings, logger: Logger): Standing {
  const client = createKafkaClient(kafka, logger);
  const asking = async <Result>(ask: (admin: LogAdmin) => Promise<Result>): Promise<Result> => {
    const admin = await client.admin();
    try {
      return await ask(admin);
    } finally {
      await admin.close();
    }
  };
  return {
    ends: (topics) => asking((admin) => admin.endOffsets(topics)),
    async hasCommitted(group, ends) {
      const topics = [...new Set(ends.map(({ topic }) => topic))];
      const committed = await asking((admin) => admin.committedOffsets(group, topics));
      const known = new Map(committed.map((at) => [partitionName(at), at.offset]));
      return ends.every((end) => (known.get(partitionName(end)) ?? 0) >= end.offset || end.offset === 0);
    },
    forget: (group) => deleteGroup(kafka, group, logger),
  };
}

/** The highest position of an outbox that is drawn by now. */
export async function outboxEnd(db: Queryable): Promise<number> {
  const [row] = await db.query<{ end: number }>(
    'SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS end FROM messaging.outbox_position',
  );
  return row?.end ?? 0;
}

/** Whether Kafka has acknowledged all of an outbox up to there. */
export async function isPublished(db: Queryable, end: number): Promise<boolean> {
  const [row] = await db.query<{ low: number }>('SELECT low FROM messaging.relay');
  return (row?.low ?? 0) >= end;
}
