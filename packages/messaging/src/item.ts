import { type EventName, type TopicName, topics } from '@skald/contracts';
import type { Codec } from './codec.ts';
import type { EffectId } from './effect-store.ts';
import { parseHeaders, requireTopic, sequenceOf } from './envelope.ts';
import { PoisonError } from './errors.ts';
import { unexpected } from './failures.ts';
import type { CommandInput, EventInput, OutcomeInput } from './input.ts';
import type { ConsumedRecord } from './log-client.ts';
import { keyText } from './parking.ts';
import type { Reactor } from './reactor.ts';

/** Something that waits for its reaction. */
export type Item = MessageItem | CommandItem | OutcomeItem;

export interface MessageItem {
  readonly kind: 'message';
  readonly key: string;
  /** Nobody waits for it: it may wait for others of its key. */
  readonly lingers: boolean;
  readonly record: ConsumedRecord;
  readonly sequence: number | undefined;
  /** What was read of the record, or why it couldn't be. */
  readonly reading: Reading;
  /** The transaction that took it in has committed. */
  done(): void;
}

export type Reading =
  | { readonly result: 'input'; readonly input: EventInput }
  | { readonly result: 'unread'; readonly name: EventName; readonly reason: string }
  | { readonly result: 'failed'; readonly error: PoisonError };

export interface CommandItem {
  readonly kind: 'command';
  readonly key: string;
  readonly input: CommandInput;
  done(reply: unknown): void;
  failed(error: unknown): void;
}

export interface OutcomeItem {
  readonly kind: 'outcome';
  readonly key: string;
  readonly lingers: boolean;
  readonly input: OutcomeInput;
  readonly effect: EffectId;
  done(): void;
}

/** Reads a record: its schema must have been learned. Never throws: what can't be read says why. */
export function createMessageItem(
  record: ConsumedRecord,
  codec: Codec,
  { unread = {}, lingering }: Pick<Reactor<never, never>, 'unread' | 'lingering'>,
  done: () => void,
): MessageItem {
  const key = keyText(record.key);
  const reading = readingOf(record, key, codec, unread);
  const isWaitedFor =
    reading.result === 'failed' ||
    (reading.result === 'input' && lingering?.includes(reading.input.name) !== true);
  return {
    kind: 'message',
    key,
    // Without a key there is no company to wait for.
    lingers: key !== '' && !isWaitedFor,
    record,
    sequence: sequenceOf(record),
    reading,
    done,
  };
}

/** One that is not to be decoded, as the process doesn't survive it: it is parked as it came. */
export function createGuiltyItem(record: ConsumedRecord, done: () => void): MessageItem {
  const error = new PoisonError(
    'CRASHED_THE_PROCESS',
    'the process died twice in a row with nothing but this message in hand',
  );
  return {
    kind: 'message',
    key: keyText(record.key),
    lingers: false,
    record,
    sequence: sequenceOf(record),
    reading: { result: 'failed', error },
    done,
  };
}

/** The codec must have learned its schema. Never throws: what can't be read says why. */
export function readingOf(
  record: ConsumedRecord,
  key: string,
  codec: Codec,
  unread: Partial<Record<EventName, string>> = {},
): Reading {
  try {
    const envelope = parseHeaders(record);
    const name = codec.nameOf(codec.schemaId(record.value) ?? -1);
    const reason = name === undefined ? undefined : unread[name];
    if (name !== undefined && reason !== undefined) {
      requireTopic(name, record.topic);
      return { result: 'unread', name, reason };
    }
    const event = codec.decode(record.value);
    requireTopic(event.name, record.topic);
    const expected = (event.data as unknown as Record<string, unknown>)[
      topics[record.topic as TopicName].key
    ];
    if (record.key === null || expected !== key) {
      throw new PoisonError(
        'WRONG_KEY',
        `the record's key is not the ${topics[record.topic as TopicName].key} in it`,
      );
    }
    const { partition, offset } = record;
    const input = { kind: 'event', key, ...envelope, ...event, place: { partition, offset } } as EventInput;
    return { result: 'input', input };
  } catch (error) {
    if (error instanceof PoisonError) return { result: 'failed', error };
    return { result: 'failed', error: new PoisonError(unexpected.reading, String(error), { cause: error }) };
  }
}
