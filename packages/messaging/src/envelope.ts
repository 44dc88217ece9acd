import { type EventName, topicOf } from '@skald/contracts';
import { type EncodedHeaders, encodeHeaders, type LogRecord } from './entry.ts';
import { PoisonError } from './errors.ts';

/**
 * Headers of CloudEvents 1.0, Kafka protocol binding, binary mode: `ce_` and the attribute's name, the content type
 * apart. `ce_sequence` is the sequence extension as a number; correlation and causation are extensions of ours.
 */
export interface Envelope {
  readonly id: string;
  readonly sequence: number;
  /** Epoch ms. */
  readonly time: number;
  readonly correlationId: string;
  readonly traceparent: string | undefined;
}

export interface EnvelopeToWrite extends Envelope {
  readonly name: EventName;
  /** The input that this event follows from. */
  readonly causationId: string;
}

const CONTENT_TYPE = 'application/avro';
const MAX_SEQUENCE = 2 ** 31 - 1;

const fixedBySource = new Map<string, Map<EventName, EncodedHeaders>>();

/** The headers of events from one source, as the entry packer takes them: what is the same for all of a name, and the rest. */
export function createHeaderWriter(
  source: string,
): (event: EnvelopeToWrite) => { readonly headers: string[]; readonly fixed: EncodedHeaders } {
  const fixed = fixedBySource.get(source) ?? new Map<EventName, EncodedHeaders>();
  fixedBySource.set(source, fixed);
  const fixedOf = (name: EventName): EncodedHeaders => {
    let encoded = fixed.get(name);
    if (encoded === undefined) {
      encoded = encodeHeaders({
        ce_specversion: '1.0',
        ce_type: name,
        ce_source: source,
        'content-type': CONTENT_TYPE,
      });
      fixed.set(name, encoded);
    }
    return encoded;
  };
  return (event) => {
    const headers = [
      'ce_id',
      event.id,
      'ce_time',
      new Date(event.time).toISOString(),
      'ce_sequence',
      String(event.sequence),
      'ce_correlationid',
      event.correlationId,
      'ce_causationid',
      event.causationId,
    ];
    if (event.traceparent !== undefined) headers.push('traceparent', event.traceparent);
    return { headers, fixed: fixedOf(event.name) };
  };
}

/** Reads what the kernel needs. Throws PoisonError BAD_HEADERS naming the header. */
export function parseHeaders({ headers }: Pick<LogRecord, 'headers'>): Envelope {
  const id = text(headers['ce_id']);
  if (id === undefined || id.length > 64) throw bad('ce_id');
  const sequence = Number(text(headers['ce_sequence']) ?? Number.NaN);
  if (!Number.isInteger(sequence) || sequence < 1 || sequence > MAX_SEQUENCE) throw bad('ce_sequence');
  const time = Date.parse(text(headers['ce_time']) ?? '');
  if (Number.isNaN(time)) throw bad('ce_time');
  return {
    id,
    sequence,
    time,
    correlationId: text(headers['ce_correlationid']) ?? id,
    traceparent: text(headers['traceparent']),
  };
}

/** The sequence alone, without judging the rest; undefined where there is none. */
export function sequenceOf({ headers }: Pick<LogRecord, 'headers'>): number | undefined {
  const sequence = Number(text(headers['ce_sequence']) ?? Number.NaN);
  return Number.isInteger(sequence) && sequence >= 1 && sequence <= MAX_SEQUENCE ? sequence : undefined;
}

/** A known event in a topic that doesn't carry it is as bad as bytes that can't be read. */
export function requireTopic(name: EventName, topic: string): void {
  if (topicOf(name) !== topic) throw new PoisonError('WRONG_TOPIC', `${name} doesn't belong in ${topic}`);
}

const bad = (header: string) => new PoisonError('BAD_HEADERS', `header ${header} is missing or wrong`);

const text = (header: Buffer | undefined): string | undefined => header?.toString('utf8');
