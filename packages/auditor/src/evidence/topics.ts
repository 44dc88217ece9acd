import { createTypes, deadLetterTopics, type TopicName, topics } from '@skald/contracts';
import type { EventDecoder, TopicEvent } from '../event-decoder.ts';
import type { PartitionEnds, TopicReader, TopicRecord } from '../topic-reader.ts';
import { asking, WitnessAway } from '../witnesses.ts';
import { createChains, keyTextOf, type Stray, strayOf } from './chains.ts';
import { type Evidence, placeOf, type SchemaUse } from './evidence.ts';
import { type Bytes, bytesOf, createLetterBook, placeText } from './letters.ts';

type Told = Pick<
  Evidence,
  'letters' | 'originals' | 'chains' | 'strays' | 'impostors' | 'schemas' | 'records' | 'ignored' | 'starts'
>;

export interface TopicOptions {
  /** Records with one of these for their `ce_source` are left out. */
  readonly ignoreSources: ReadonlySet<string>;
  onRecords(read: number): void;
}

const topicNames = Object.keys(topics) as TopicName[];

/** The dead letters first, so that the records that they are about can be compared as they come by. */
export async function readTopics(
  reader: TopicReader,
  decode: EventDecoder,
  { ignoreSources, onRecords }: TopicOptions,
): Promise<Told> {
  const ignored = new Set<string>();
  const isIgnored = ({ topic, key, headers }: TopicRecord): boolean => {
    if (!ignoreSources.has(headers['ce_source'] ?? '')) return false;
    ignored.add(placeOf(topic, keyTextOf(key)));
    return true;
  };
  let records = 0;
  const count = (batch: readonly TopicRecord[]) => {
    records += batch.length;
    onRecords(records);
  };

  const book = createLetterBook();
  const letterEnds = await asking('Kafka', () =>
    reader.stream(
      deadLetterTopics.map(({ name }) => name),
      (batch) => {
        count(batch);
        for (const record of batch) if (!isIgnored(record)) book.take(record);
      },
    ),
  );

  const chains = createChains();
  const strays: Stray[] = [];
  const impostors: Evidence['impostors'][number][] = [];
  const originals = new Map<string, Bytes>();
  const wanted = new Set([...book.letters.values()].map(placeText));
  const take = async (record: TopicRecord) => {
    if (isIgnored(record)) return;
    const place = placeText(record as TopicRecord & { topic: TopicName });
    if (wanted.has(place)) originals.set(place, bytesOf(record));
    const event = await decode(record).catch((error: unknown) => {
      if (error instanceof WitnessAway) throw error;
      strays.push(strayOf(record, error instanceof Error ? error.message : String(error)));
    });
    if (!event) return;
    const flaw = flawOf(event, record);
    if (flaw !== undefined) strays.push(strayOf(record, flaw));
    else chains.hear(event);
    const writer = topics[record.topic as TopicName].writer;
    if (event.source !== `/skald/${writer}`)
      impostors.push({ place, key: event.key, says: `${event.name} is by ${event.source || 'nobody'}` });
  };
  const ends = await asking('Kafka', () =>
    reader.stream(topicNames, async (batch) => {
      count(batch);
      for (const record of batch) await take(record);
    }),
  );
  const schemas = (await decode.schemas()).map(useOf);
  const starts = startsOf([...ends, ...letterEnds]);
  return { letters: book.letters, originals, chains, strays, impostors, schemas, records, ignored, starts };
}

/** What makes a record no event of its topic, though it can be decoded. */
function flawOf({ name, sequence, id, key, data }: TopicEvent, { topic }: TopicRecord): string | undefined {
  const { events, key: field } = topics[topic as TopicName];
  if (!events.includes(name)) return `${name} is no event of this topic`;
  if (data[field as keyof typeof data] !== key) return `it is of another ${field} than its key`;
  if (!Number.isInteger(sequence) || sequence < 1) return 'it has no ce_sequence';
  return id === '' ? 'it has no ce_id' : undefined;
}

const types = createTypes();

function useOf({ id, name, type }: Awaited<ReturnType<EventDecoder['schemas']>>[number]): SchemaUse {
  try {
    types[name].createResolver(type);
    return { id, event: name, unreadable: undefined };
  } catch (error) {
    return { id, event: name, unreadable: error instanceof Error ? error.message : String(error) };
  }
}

const startsOf = (ends: readonly PartitionEnds[]): Map<string, number> =>
  new Map(
    ends
      .filter(({ start }) => start > 0)
      .map(({ topic, partition, start }) => [`${topic}/${partition}`, start] as const),
  );
