import type { Queryable, Statement } from './database.ts';
import { stackOf } from './dead-letter.ts';
import { sequenceOf } from './envelope.ts';
import type { MessagingError } from './errors.ts';
import { type ConsumedRecord, type PartitionOffset, placeOf } from './log-client.ts';

type Failure = Pick<MessagingError, 'code' | 'message' | 'cause'>;

export interface MessageToPark {
  readonly key: string;
  readonly record: ConsumedRecord;
  /** What failed; undefined for a message that merely waits behind the failed one of its key. */
  readonly error?: Failure | undefined;
}

/** A message that is open: failed, or waiting behind one that has. */
export interface ParkedRecord {
  readonly id: number;
  readonly key: string;
  readonly record: ConsumedRecord;
  /** It is a dead letter; else it only waits. */
  readonly hasFailed: boolean;
  readonly attempts: number;
  readonly redrives: number;
  readonly edited: boolean;
  /** Epoch ms; null where it hasn't failed. */
  readonly firstFailedAt: number | null;
}

const COLUMNS = `id, topic, key, partition, "offset", record_key, record_value, record_headers, record_time,
  error_code IS NOT NULL AS "hasFailed", attempts, redrives, edited, first_failed_at`;
const INSERT: Statement = {
  name: 'parking-insert',
  text: `INSERT INTO messaging.parked (topic, key, partition, "offset", sequence, record_key, record_value,
           record_headers, record_time, error_code, error_text, error_stack, attempts, first_failed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,
           ($10::text IS NOT NULL)::int, CASE WHEN $10 IS NOT NULL THEN now() END)
         ON CONFLICT (topic, partition, "offset") DO NOTHING RETURNING id`,
};
const FIND_RESOLVED: Statement = {
  name: 'parking-find-resolved',
  text: `SELECT p.topic, p.partition, p."offset" FROM messaging.parked p
         JOIN unnest($1::text[], $2::int[], $3::bigint[]) AS u (topic, partition, "offset")
           ON p.topic = u.topic AND p.partition = u.partition AND p."offset" = u."offset"
         WHERE p.state <> 'parked'`,
};
/**
 * Open messages of a topic ($1) and key ($2), in the order of their sequences; what has none stays behind those that came
 * before it. A record without a key has no company: nothing waits behind it, and it ($3) waits for nothing.
 */
export const IN_ORDER = `FROM messaging.parked
         WHERE state = 'parked' AND topic = $1 AND key = $2 AND ($2 <> '' OR id = $3)
         ORDER BY coalesce(sequence, max(sequence) OVER (ORDER BY id), 0), id`;
const QUEUE: Statement = { name: 'parking-queue', text: `SELECT ${COLUMNS} ${IN_ORDER} LIMIT $4` };
const FIND_OPEN: Statement = {
  name: 'parking-find-open',
  text: `SELECT ${COLUMNS} FROM messaging.parked WHERE id = $1 AND state = 'parked'`,
};
const RESOLVE: Statement = {
  name: 'parking-resolve',
  text: `UPDATE messaging.parked
         SET state = $2, resolved_at = now(), record_value = NULL, record_headers = '{}', error_stack = NULL
         WHERE id = ANY ($1::bigint[])`,
};
const FAIL: Statement = {
  name: 'parking-fail',
  text: `UPDATE messaging.parked
         SET error_code = $2, error_text = $3, error_stack = $4, attempts = attempts + 1,
           redrives = redrives + (first_failed_at IS NOT NULL)::int,
           first_failed_at = coalesce(first_failed_at, now())
         WHERE id = $1`,
};
const EDIT: Statement = {
  name: 'parking-edit',
  text: `UPDATE messaging.parked SET record_value = $2, edited = true, redrives = 0 WHERE id = $1`,
};
const EXPIRE: Statement = {
  name: 'parking-expire',
  text: `DELETE FROM messaging.parked WHERE state <> 'parked' AND resolved_at < now() - $1 * interval '1 ms'`,
};

/**
 * Parks messages, in their order. Answers those that were not parked before: a redelivered one is parked once, and
 * dead-lettered once. One statement a message: parking is rare, and a parked key's traffic is small.
 */
export async function park(db: Queryable, messages: readonly MessageToPark[]): Promise<MessageToPark[]> {
  const inserted = await Promise.all(
    messages.map(({ key, record, error }) =>
      db.query(INSERT, [
        record.topic,
        key,
        record.partition,
        record.offset,
        sequenceOf(record) ?? null,
        record.key,
        record.value,
        JSON.stringify(encodeHeaders(record.headers)),
        new Date(record.timestamp),
        ...columnsOf(error),
      ]),
    ),
  );
  return messages.filter((_message, index) => (inserted[index]?.length ?? 0) > 0);
}

/** The places of those that an operator has done with. */
export async function findResolved(db: Queryable, records: readonly PartitionOffset[]): Promise<string[]> {
  const rows = await db.query<{ topic: string; partition: number; offset: number }>(FIND_RESOLVED, [
    records.map(({ topic }) => topic),
    records.map(({ partition }) => partition),
    records.map(({ offset }) => offset),
  ]);
  return rows.map(placeOf);
}

/** What is open of a key in a topic, in the order in which it is to be taken in. */
export async function readQueue(
  db: Queryable,
  { topic, key, id }: { topic: string; key: string; id: number },
  limit: number,
): Promise<ParkedRecord[]> {
  const rows = await db.query<ParkedRow>(QUEUE, [topic, key, id, limit]);
  return rows.map(toParkedRecord);
}

export async function findOpen(db: Queryable, id: number): Promise<ParkedRecord | undefined> {
  const [row] = await db.query<ParkedRow>(FIND_OPEN, [id]);
  return row && toParkedRecord(row);
}

/** Their content goes: for those who want to read it again there is the dead letter. */
export const resolve = (
  db: Queryable,
  ids: readonly number[],
  state: 'redriven' | 'discarded',
): Promise<unknown> => db.query(RESOLVE, [ids, state]);

/** It was tried, and has failed, again or for the first time. */
export const fail = (db: Queryable, id: number, error: Failure): Promise<unknown> =>
  db.query(FAIL, [id, ...columnsOf(error)]);

/** Replaces its value. */
export const edit = (db: Queryable, id: number, value: Buffer): Promise<unknown> =>
  db.query(EDIT, [id, value]);

/** Forgets those that were done with longer ago than their dead letters are kept, ms. */
export const expireResolved = (db: Queryable, retentionMs: number): Promise<unknown> =>
  db.query(EXPIRE, [retentionMs]);

/** Code, text, stack. Postgres can't store the character NUL. */
const columnsOf = (error: Failure | undefined): (string | null)[] =>
  error === undefined
    ? [null, null, null]
    : [error.code, withoutNul(error.message.slice(0, 10_000)), withoutNul(stackOf(error))];

const withoutNul = <Text extends string | undefined>(text: Text): string | null =>
  text?.replaceAll('\0', '') ?? null;

interface ParkedRow {
  readonly id: number;
  readonly topic: string;
  readonly key: string;
  readonly partition: number;
  readonly offset: number;
  readonly record_key: Buffer | null;
  readonly record_value: Buffer | null;
  readonly record_headers: Readonly<Record<string, string>>;
  readonly record_time: Date;
  readonly hasFailed: boolean;
  readonly attempts: number;
  readonly redrives: number;
  readonly edited: boolean;
  readonly first_failed_at: Date | null;
}

function toParkedRecord(row: ParkedRow): ParkedRecord {
  const { id, key, hasFailed, attempts, redrives, edited } = row;
  const record: ConsumedRecord = {
    topic: row.topic,
    partition: row.partition,
    offset: row.offset,
    timestamp: row.record_time.getTime(),
    key: row.record_key,
    value: row.record_value,
    headers: decodeHeaders(row.record_headers),
  };
  const firstFailedAt = row.first_failed_at?.getTime() ?? null;
  return { id, key, record, hasFailed, attempts, redrives, edited, firstFailedAt };
}

/** Header values are any bytes: base64 in jsonb. */
const encodeHeaders = (headers: Readonly<Record<string, Buffer>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.replaceAll('\0', ''), value.toString('base64')]),
  );

export const decodeHeaders = (headers: Readonly<Record<string, string>>): Record<string, Buffer> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Buffer.from(value, 'base64')]));

/**
 * The text that stands for a record's key in inbox and parking: the key itself where it is text, its bytes in hex
 * where it isn't, and the empty string where there is none.
 */
export function keyText(key: Buffer | null): string {
  if (key === null) return '';
  const text = key.toString('utf8');
  const isText = text.length <= 255 && !text.includes('\0') && !text.includes('\ufffd');
  return isText ? text : `hex:${key.subarray(0, 128).toString('hex')}`;
}
