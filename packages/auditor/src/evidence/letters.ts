import type { GroupName, TopicName } from '@skald/contracts';
import type { TopicRecord } from '../topic-reader.ts';
import { keyTextOf } from './chains.ts';
import { digestBytes } from './digest.ts';

/** The message that a dead letter is about. */
export interface LetterPlace {
  readonly group: GroupName;
  readonly topic: TopicName;
  readonly partition: number;
  readonly offset: number;
}

/** A dead letter, with what became of it. */
export interface Letter extends LetterPlace {
  readonly key: string;
  readonly code: string;
  readonly text: string;
  /** Epoch ms. */
  readonly failedAt: number;
  attempts: number;
  /** How often it lies in its topic with the same number of attempts. */
  repeated: number;
  /** Of the bytes that came: key, value, headers. Several, where an operator has edited the value. */
  readonly digests: string[];
  /** Values that an operator put in its place. */
  readonly edited: string[];
  resolution: 'redriven' | 'discarded' | undefined;
  /** Where it lies: `topic/partition@offset`. */
  readonly at: string;
}

export const placeText = ({ topic, partition, offset }: Omit<LetterPlace, 'group'>): string =>
  `${topic}/${partition}@${offset}`;

export const letterId = (place: LetterPlace): string => `${place.group} ${placeText(place)}`;

/** What one record says: key, value, and the headers that are not about its being a dead letter. */
export interface Bytes {
  readonly key: string;
  readonly value: string;
  readonly headers: string;
}

export function bytesOf({ key, value, headers }: Pick<TopicRecord, 'key' | 'value' | 'headers'>): Bytes {
  const own = Object.entries(headers)
    .filter(([name]) => !name.startsWith('dlq_'))
    .map((header) => JSON.stringify(header))
    .sort();
  return {
    key: digestBytes(key),
    value: digestBytes(value),
    headers: digestBytes(Buffer.from(own.join('\n'))),
  };
}

export const bytesText = ({ key, value, headers }: Bytes): string => `${key} ${value} ${headers}`;

/** Reads the records of a dead letter topic, in their order: letters, and what operators did about them. */
export function createLetterBook() {
  const letters = new Map<string, Letter>();
  /** Records that are neither: `topic/partition@offset`. */
  const nonsense: string[] = [];

  function take(record: TopicRecord): void {
    const { headers } = record;
    const place: LetterPlace = {
      group: headers['dlq_group'] as GroupName,
      topic: headers['dlq_topic'] as TopicName,
      partition: Number(headers['dlq_partition']),
      offset: Number(headers['dlq_offset']),
    };
    if (place.group === undefined || place.topic === undefined || !Number.isInteger(place.offset)) {
      nonsense.push(placeText(record as Omit<LetterPlace, 'group'>));
      return;
    }
    const known = letters.get(letterId(place));
    const resolution = headers['dlq_resolution'];
    if (resolution !== undefined) {
      if (resolution === 'edited') known?.edited.push(digestBytes(record.value));
      else if (known) known.resolution = resolution as 'redriven' | 'discarded';
      return;
    }
    const attempts = Number(headers['dlq_attempts'] ?? 1);
    const digest = bytesText(bytesOf(record));
    if (known) {
      if (known.attempts === attempts) known.repeated += 1;
      known.attempts = Math.max(known.attempts, attempts);
      known.resolution = undefined;
      if (!known.digests.includes(digest)) known.digests.push(digest);
      return;
    }
    letters.set(letterId(place), {
      ...place,
      key: keyTextOf(record.key),
      code: headers['dlq_error_code'] ?? '',
      text: headers['dlq_error_text'] ?? '',
      failedAt: Date.parse(headers['dlq_first_failure'] ?? '') || record.timestamp,
      attempts,
      repeated: 0,
      digests: [digest],
      edited: [],
      resolution: undefined,
      at: placeText(record as Omit<LetterPlace, 'group'>),
    });
  }

  return { take, letters: letters as ReadonlyMap<string, Letter>, nonsense: nonsense as readonly string[] };
}
