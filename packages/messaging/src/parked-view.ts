import type {
  MessageId,
  ParkedDetail,
  ParkedMessage,
  ParkedPage,
  ParkedQuery,
  Parking,
  TopicName,
} from '@skald/contracts';
import type { Queryable, Statement } from './database.ts';
import { decodeHeaders, IN_ORDER } from './parking.ts';

const COLUMNS = `id, topic, partition, "offset", key, state, sequence, error_code, error_text, attempts, redrives, edited,
  record_time, parked_at, record_headers ->> 'ce_type' AS type`;

const PAGE: Statement = {
  name: 'parked-page',
  text: `SELECT ${COLUMNS} FROM messaging.parked
         WHERE state = 'parked' AND id > $1 AND ($2::text IS NULL OR topic = $2) AND ($3::text IS NULL OR key = $3)
           AND ($4::boolean IS NULL OR (error_code IS NOT NULL) = $4)
         ORDER BY id LIMIT $5`,
};
const ONE: Statement = {
  name: 'parked-one',
  text: `SELECT ${COLUMNS}, record_key, record_value, record_headers, error_stack FROM messaging.parked
         WHERE topic = $1 AND partition = $2 AND "offset" = $3`,
};
const QUEUE: Statement = { name: 'parked-queue', text: `SELECT ${COLUMNS} ${IN_ORDER} LIMIT 100` };
const SUMMARY: Statement = {
  name: 'parked-summary',
  text: `SELECT count(*) AS messages, count(error_code) AS failed, count(DISTINCT (topic, key)) AS keys,
           min(parked_at) AS oldest
         FROM messaging.parked WHERE state = 'parked'`,
};
// Begun and not finished: nothing that failed is left of the key, so whatever waits, waits for nothing.
const LEFT_WAITING: Statement = {
  name: 'parked-left-waiting',
  text: `SELECT topic, key, min(id) AS id FROM messaging.parked WHERE state = 'parked' AND key <> ''
         GROUP BY topic, key HAVING count(error_code) = 0 LIMIT 20`,
};

/** What a message is to who acts upon it. */
export interface Found {
  readonly id: number;
  readonly key: string;
  readonly redrives: number;
  readonly message: ParkedMessage;
}

interface Row {
  readonly id: number;
  readonly topic: TopicName;
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly state: 'parked' | 'redriven' | 'discarded';
  readonly sequence: number | null;
  readonly error_code: string | null;
  readonly error_text: string | null;
  readonly attempts: number;
  readonly redrives: number;
  readonly edited: boolean;
  readonly record_time: Date;
  readonly parked_at: Date;
  readonly type: string | null;
}

interface DetailRow extends Row {
  readonly record_key: Buffer | null;
  readonly record_value: Buffer | null;
  readonly record_headers: Readonly<Record<string, string>>;
  readonly error_stack: string | null;
}

/** Content as it is stored: the bytes, and the headers. */
export type StoredDetail = Found &
  Pick<ParkedDetail, 'stack' | 'queue' | 'rawKey'> & {
    readonly value: Buffer | null;
    readonly headers: Readonly<Record<string, Buffer>>;
  };

export async function readPage(
  db: Queryable,
  { after, topic, key, state, limit }: ParkedQuery,
): Promise<ParkedPage> {
  const hasFailed = state === undefined ? null : state === 'failed';
  const rows = await db.query<Row>(PAGE, [after, topic ?? null, key ?? null, hasFailed, limit]);
  const next = rows.length === limit ? (rows.at(-1)?.id ?? null) : null;
  return { messages: rows.map(toMessage), next };
}

export async function findParked(
  db: Queryable,
  { topic, partition, offset }: MessageId,
): Promise<Found | undefined> {
  const [row] = await db.query<DetailRow>(ONE, [topic, partition, offset]);
  return row && toFound(row);
}

export async function readDetail(
  db: Queryable,
  { topic, partition, offset }: MessageId,
): Promise<StoredDetail | undefined> {
  const [row] = await db.query<DetailRow>(ONE, [topic, partition, offset]);
  if (row === undefined) return undefined;
  const queue = await db.query<Row>(QUEUE, [topic, row.key, row.id]);
  return {
    ...toFound(row),
    stack: row.error_stack,
    queue: queue.map(toMessage),
    rawKey: row.record_key?.toString('base64') ?? null,
    value: row.record_value,
    headers: decodeHeaders(row.record_headers),
  };
}

export async function readSummary(db: Queryable): Promise<Parking> {
  const [row] = await db.query<Omit<Parking, 'oldestAt'> & { oldest: Date | null }>(SUMMARY);
  const { messages = 0, failed = 0, keys = 0, oldest = null } = row ?? {};
  return { messages, failed, keys, oldestAt: oldest?.toISOString() ?? null };
}

export const findLeftWaiting = (db: Queryable): Promise<{ topic: string; key: string; id: number }[]> =>
  db.query(LEFT_WAITING);

const toFound = (row: Row): Found => ({
  id: row.id,
  key: row.key,
  redrives: row.redrives,
  message: toMessage(row),
});

function toMessage(row: Row): ParkedMessage {
  const open = row.error_code === null ? 'waiting' : 'failed';
  return {
    topic: row.topic,
    partition: row.partition,
    offset: row.offset,
    key: row.key,
    state: row.state === 'parked' ? open : row.state,
    event: row.type === null ? null : Buffer.from(row.type, 'base64').toString('utf8').slice(0, 200),
    sequence: row.sequence,
    error: row.error_code === null ? null : { code: row.error_code, text: row.error_text ?? '' },
    attempts: row.attempts,
    edited: row.edited,
    recordedAt: row.record_time.toISOString(),
    parkedAt: row.parked_at.toISOString(),
  };
}
