import { dlqTopic, deadLetterHeaders as names, type TopicName } from '@skald/contracts';
import type { EntryPacker } from './entry.ts';
import type { MessagingError } from './errors.ts';
import type { ConsumedRecord } from './log-client.ts';

export interface DeadLetter {
  readonly record: ConsumedRecord;
  readonly error: Pick<MessagingError, 'code' | 'message' | 'cause'>;
  /** 1, and one more for each redrive that failed. */
  readonly attempts: number;
  /** Epoch ms. */
  readonly firstFailedAt: number;
}

/** What became of a dead letter. */
export interface Resolution {
  readonly record: ConsumedRecord;
  readonly resolution: 'redriven' | 'discarded' | 'edited';
  readonly by: string;
  readonly reason: string;
  /** Epoch ms. */
  readonly time: number;
}

const TEXT_LIMIT = 1_000;
const STACK_LIMIT = 4_000;
/** What an entry can hold, and more than anybody means. */
const HEADERS_LIMIT = 60_000;

/** Adds a dead letter to a transaction's records: key and value as they came, and why they are here. */
export function addDeadLetter(
  packer: EntryPacker,
  group: string,
  { record, error, attempts, firstFailedAt }: DeadLetter,
): void {
  const headers: (string | Buffer)[] = [];
  for (const [name, value] of Object.entries(record.headers).slice(0, HEADERS_LIMIT)) {
    if (!name.startsWith('dlq_')) headers.push(name, value);
  }
  headers.push(...identity(record, group));
  headers.push(names.timestamp, new Date(record.timestamp).toISOString());
  headers.push(names.errorCode, error.code, names.errorText, error.message.slice(0, TEXT_LIMIT));
  const stack = stackOf(error);
  if (stack !== undefined) headers.push(names.errorStack, stack);
  headers.push(names.attempts, String(attempts));
  headers.push(names.firstFailure, new Date(firstFailedAt).toISOString());
  packer.add(dlqTopic(record.topic as TopicName, group), record.key, record.value, headers);
}

/** Adds what became of a dead letter: no value, unless it was edited, when it is the new one. */
export function addResolution(
  packer: EntryPacker,
  group: string,
  { record, resolution, by, reason, time }: Resolution,
): void {
  const value = resolution === 'edited' ? record.value : null;
  packer.add(dlqTopic(record.topic as TopicName, group), record.key, value, [
    ...identity(record, group),
    names.resolution,
    resolution,
    names.by,
    by,
    names.reason,
    reason,
    names.time,
    new Date(time).toISOString(),
  ]);
}

const identity = ({ topic, partition, offset }: ConsumedRecord, group: string): string[] => [
  names.topic,
  topic,
  names.partition,
  String(partition),
  names.offset,
  String(offset),
  names.group,
  group,
];

/** Of what a handler threw: it is our own code's. What can't be read has none worth reading. */
export function stackOf({ code, cause }: Pick<MessagingError, 'code' | 'cause'>): string | undefined {
  return code === 'HANDLER_FAILED' && cause instanceof Error ? cause.stack?.slice(0, STACK_LIMIT) : undefined;
}
