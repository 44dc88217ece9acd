import type { GroupName, TopicName } from '@skald/contracts';
import type { ConsumedRecord } from '@skald/messaging';

export const at = Date.UTC(2026, 0, 31, 12);

export interface LetterOptions {
  readonly group?: GroupName;
  readonly topic?: TopicName;
  readonly partition?: number;
  /** Of the message. */
  readonly offset?: number;
  readonly key?: string | Buffer | null;
  readonly value?: Buffer | null;
  readonly code?: string;
  readonly text?: string;
  readonly attempts?: number;
  /** Epoch ms. */
  readonly failedAt?: number;
  readonly headers?: Readonly<Record<string, string | Buffer>>;
}

let written = 0;

const bytes = (value: string | Buffer): Buffer => (typeof value === 'string' ? Buffer.from(value) : value);

/** A record of a dead letter topic; each comes behind the one before. */
function recordOf(
  { group = 'payment', topic = 'orders.events', partition = 3, offset = 42, key = 'order-1' }: LetterOptions,
  value: Buffer | null,
  headers: Readonly<Record<string, string | Buffer>>,
): ConsumedRecord {
  written += 1;
  const all = {
    dlq_group: group,
    dlq_topic: topic,
    dlq_partition: String(partition),
    dlq_offset: String(offset),
    ...headers,
  };
  return {
    topic: `${topic}.${group}.dlq`,
    partition: 0,
    offset: written,
    timestamp: at + written,
    key: key === null ? null : bytes(key),
    value,
    headers: Object.fromEntries(Object.entries(all).map(([name, text]) => [name, bytes(text)])),
  };
}

export function letter(options: LetterOptions = {}): ConsumedRecord {
  const failedAt = new Date(options.failedAt ?? at).toISOString();
  return recordOf(options, options.value === undefined ? Buffer.from('bytes') : options.value, {
    ce_type: 'OrderCreated',
    ...options.headers,
    dlq_timestamp: new Date(at - 1_000).toISOString(),
    dlq_error_code: options.code ?? 'UNDECODABLE',
    dlq_error_text: options.text ?? 'no event',
    dlq_attempts: String(options.attempts ?? 1),
    dlq_first_failure: failedAt,
  });
}

export const resolution = (
  kind: 'redriven' | 'discarded' | 'edited',
  options: LetterOptions = {},
): ConsumedRecord =>
  recordOf(options, kind === 'edited' ? (options.value ?? Buffer.from('better')) : null, {
    dlq_resolution: kind,
    dlq_by: 'ada',
    dlq_reason: 'fixed upstream',
    dlq_time: new Date(options.failedAt ?? at + 60_000).toISOString(),
  });
