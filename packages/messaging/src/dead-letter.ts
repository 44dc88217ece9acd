import { dlqTopic, type TopicName } from '@skald/contracts';
import type { EntryPacker } from './entry.ts';
import type { MessagingError } from './errors.ts';
import type { ConsumedRecord } from './log-client.ts';

export interface DeadLetter {
  readonly record: ConsumedRecord;
  readonly error: Pick<MessagingError, 'code' | 'message'>;
  /** Epoch ms. */
  readonly failedAt: number;
}

const TEXT_LIMIT = 1_000;
/** What an entry can hold, and more than anybody means. */
const HEADERS_LIMIT = 60_000;

/** Adds a dead letter to a transaction's records: key and value as they came, and why they are here. */
export function addDeadLetter(
  packer: EntryPacker,
  group: string,
  { record, error, failedAt }: DeadLetter,
): void {
  const headers: (string | Buffer)[] = [];
  for (const [name, value] of Object.entries(record.headers).slice(0, HEADERS_LIMIT)) {
    if (!name.startsWith('dlq_')) headers.push(name, value);
  }
  headers.push(
    'dlq_topic',
    record.topic,
    'dlq_partition',
    String(record.partition),
    'dlq_offset',
    String(record.offset),
    'dlq_timestamp',
    new Date(record.timestamp).toISOString(),
    'dlq_group',
    group,
    'dlq_error_code',
    error.code,
    'dlq_error_text',
    error.message.slice(0, TEXT_LIMIT),
    'dlq_attempts',
    '1',
    'dlq_first_failure',
    new Date(failedAt).toISOString(),
  );
  packer.add(dlqTopic(record.topic as TopicName, group), record.key, record.value, headers);
}
