import { deadLetterHeaders, type GroupName, groupNames, type TopicName, topics } from '@skald/contracts';
import { type ConsumedRecord, keyText } from '@skald/messaging';

/** A dead letter's identity: the group that could not handle the message, and where the message lies. */
export interface Identity {
  readonly group: GroupName;
  readonly topic: TopicName;
  readonly partition: number;
  readonly offset: number;
}

/** A message could not be handled, for the first time or again. */
export interface Failure extends Identity {
  readonly kind: 'failure';
  /** Offset of the record that says so, in the dead letter topic. */
  readonly writtenOffset: number;
  readonly key: string;
  readonly recordKey: Buffer | null;
  readonly recordValue: Buffer | null;
  /** Base64, by name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly event: string | null;
  readonly errorCode: string;
  readonly errorText: string;
  readonly errorStack: string | null;
  readonly attempts: number;
  /** Epoch ms, as the others. */
  readonly recordedAt: number;
  readonly firstFailedAt: number;
  readonly lastFailedAt: number;
  readonly words: string;
}

/** Somebody has dealt with it; `edited` alone leaves it open. */
export interface Resolution extends Identity {
  readonly kind: 'resolution';
  readonly writtenOffset: number;
  readonly resolution: 'redriven' | 'discarded' | 'edited';
  /** The new one, of an edit. */
  readonly recordValue: Buffer | null;
  readonly by: string;
  readonly reason: string;
  /** Epoch ms. */
  readonly at: number;
}

export type Change = Failure | Resolution;

/** Bytes of a value that are searched for text. */
const SEARCHED_BYTES = 20_000;

/** What a record of a dead letter topic says; undefined if it lacks what says whose it is. */
export function parseRecord(record: ConsumedRecord): Change | undefined {
  const header = (name: string): string | undefined => clean(record.headers[name]);
  const identity = identityOf(header);
  if (identity === undefined) return undefined;
  const resolution = header(deadLetterHeaders.resolution);
  return resolution === undefined
    ? failureOf(record, identity, header)
    : resolutionOf(record, identity, resolution, header);
}

type Header = (name: string) => string | undefined;

function identityOf(header: Header): Identity | undefined {
  const group = groupNames.find((name) => name === header(deadLetterHeaders.group));
  const topic = header(deadLetterHeaders.topic);
  const partition = integer(header(deadLetterHeaders.partition));
  const offset = integer(header(deadLetterHeaders.offset));
  if (group === undefined || topic === undefined || !Object.hasOwn(topics, topic)) return undefined;
  if (partition === undefined || offset === undefined) return undefined;
  return { group, topic: topic as TopicName, partition, offset };
}

function failureOf(record: ConsumedRecord, identity: Identity, header: Header): Failure {
  const own = Object.entries(record.headers).filter(([name]) => !name.startsWith('dlq_'));
  const key = keyText(record.key).replaceAll('\0', '');
  const event = header('ce_type') ?? null;
  const errorCode = header(deadLetterHeaders.errorCode) ?? 'UNKNOWN';
  const errorText = header(deadLetterHeaders.errorText) ?? '';
  const lastFailedAt = record.timestamp;
  return {
    kind: 'failure',
    ...identity,
    writtenOffset: record.offset,
    key,
    recordKey: record.key,
    recordValue: record.value,
    headers: Object.fromEntries(
      own.map(([name, value]) => [name.replaceAll('\0', ''), value.toString('base64')]),
    ),
    event,
    errorCode,
    errorText,
    errorStack: header(deadLetterHeaders.errorStack) ?? null,
    attempts: integer(header(deadLetterHeaders.attempts)) ?? 1,
    recordedAt: time(header(deadLetterHeaders.timestamp)) ?? lastFailedAt,
    firstFailedAt: time(header(deadLetterHeaders.firstFailure)) ?? lastFailedAt,
    lastFailedAt,
    words: wordsOf([key, event ?? '', errorCode, errorText, ...own.map(([, value]) => value), record.value]),
  };
}

function resolutionOf(
  record: ConsumedRecord,
  identity: Identity,
  resolution: string,
  header: Header,
): Resolution | undefined {
  if (resolution !== 'redriven' && resolution !== 'discarded' && resolution !== 'edited') return undefined;
  return {
    kind: 'resolution',
    ...identity,
    writtenOffset: record.offset,
    resolution,
    recordValue: record.value,
    by: header(deadLetterHeaders.by) ?? '',
    reason: header(deadLetterHeaders.reason) ?? '',
    at: time(header(deadLetterHeaders.time)) ?? record.timestamp,
  };
}

/** Postgres has no NUL in its texts. */
const clean = (value: Buffer | undefined): string | undefined => value?.toString('utf8').replaceAll('\0', '');

const integer = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;

function time(text: string | undefined): number | undefined {
  const parsed = Date.parse(text ?? '');
  return Number.isNaN(parsed) ? undefined : parsed;
}

/** What people may look for. Of bytes only what is text: the rest parts words. */
export const wordsOf = (parts: readonly (string | Buffer | null)[]): string =>
  parts
    .map((part) =>
      typeof part === 'string' ? part : (part?.subarray(0, SEARCHED_BYTES).toString('utf8') ?? ''),
    )
    .join(' ')
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\ufffd]+/gu, ' ')
    .toLowerCase();
