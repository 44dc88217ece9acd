import type { LogEntry, LogPage, LogQuery, MessageId } from '@skald/contracts';
import type { Queryable, Statement } from './database.ts';

/** Who does something to a message, and why. */
export interface Act {
  readonly action: LogEntry['action'];
  readonly message: MessageId;
  readonly by: string;
  readonly reason: string;
}

const INSERT: Statement = {
  name: 'operator-log-insert',
  text: `INSERT INTO messaging.operator_log (actor, action, topic, partition, "offset", key, reason, result)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
};
const PAGE: Statement = {
  name: 'operator-log-page',
  text: `SELECT id, at, actor, action, topic, partition, "offset", key, reason, result
         FROM messaging.operator_log WHERE id > $1 ORDER BY id LIMIT $2`,
};

/** In the transaction that does it. */
export async function writeLog(db: Queryable, act: Act, key: string, result: string): Promise<void> {
  const { action, message, by, reason } = act;
  const { topic, partition, offset } = message;
  await db.query(INSERT, [by, action, topic, partition, offset, key, reason, result]);
}

type Row = Omit<LogEntry, 'at' | 'by'> & { readonly at: Date; readonly actor: string };

export async function readLog(db: Queryable, { after, limit }: LogQuery): Promise<LogPage> {
  const rows = await db.query<Row>(PAGE, [after, limit]);
  const entries = rows.map(({ at, actor, ...rest }) => ({ ...rest, at: at.toISOString(), by: actor }));
  return { entries, next: entries.length === limit ? (entries.at(-1)?.id ?? null) : null };
}
