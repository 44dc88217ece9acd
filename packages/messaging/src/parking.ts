import type { Queryable, Statement } from './database.ts';
import { sequenceOf } from './envelope.ts';
import type { MessagingError } from './errors.ts';
import type { ConsumedRecord } from './log-client.ts';

export interface ParkedMessage {
  readonly key: string;
  readonly record: ConsumedRecord;
  /** What failed; undefined for a message that merely waits behind the failed one of its key. */
  readonly error?: Pick<MessagingError, 'code' | 'message'> | undefined;
}

const INSERT: Statement = {
  name: 'parking-insert',
  text: `INSERT INTO messaging.parked (topic, key, partition, "offset", sequence, record_key, record_value,
           record_headers, record_time, error_code, error_text)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (topic, partition, "offset") DO NOTHING RETURNING id`,
};

/**
 * Parks messages, in their order. Answers those that were not parked before: a redelivered one is parked once, and
 * dead-lettered once. One statement a message: parking is rare, and a parked key's traffic is small.
 */
export async function park(db: Queryable, messages: readonly ParkedMessage[]): Promise<ParkedMessage[]> {
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
        error?.code ?? null,
        error?.message.slice(0, 10_000).replaceAll('\0', '') ?? null,
      ]),
    ),
  );
  return messages.filter((_message, index) => (inserted[index]?.length ?? 0) > 0);
}

/** Header values are any bytes: base64 in jsonb. */
const encodeHeaders = (headers: Readonly<Record<string, Buffer>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.replaceAll('\0', ''), value.toString('base64')]),
  );

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
