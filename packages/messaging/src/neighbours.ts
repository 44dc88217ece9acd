import type { Logger } from 'pino';
import { sequenceOf } from './envelope.ts';
import { createEventViewer, type EventContent } from './event-viewer.ts';
import type { KafkaSettings } from './kafkajs-client.ts';
import { createRangeReader, type Range, type RangeReader } from './kafkajs-reader.ts';
import type { ConsumedRecord, TopicPartition } from './log-client.ts';

/** A record of the same key in the same partition. */
export interface Neighbour {
  readonly offset: number;
  /** Epoch ms. */
  readonly timestamp: number;
  readonly sequence: number | undefined;
  readonly content: EventContent;
}

export interface Neighbours {
  /** In their order; those nearest to the place that was asked for. */
  readonly before: readonly Neighbour[];
  readonly after: readonly Neighbour[];
  /** Offsets that were looked at, from `from` up to before `to`. */
  readonly from: number;
  readonly to: number;
}

export interface Place extends TopicPartition {
  readonly offset: number;
  readonly key: Buffer | null;
}

/** Looks at what lies around a record in its topic. */
export interface Surroundings {
  /** The key's records before and after a place, as far as a look of bounded size goes. Throws TransientError while Kafka is away. */
  of(place: Place): Promise<Neighbours>;
}

/** Each way: offsets, bytes, ms, and records that are told. */
const OFFSETS = 20_000;
const BYTES = 4 * 1024 * 1024;
const TIMEOUT_MS = 4_000;
const TOLD = 10;

export function createSurroundings(
  settings: KafkaSettings & { readonly registryUrl: string },
  logger: Logger,
  reader: RangeReader = createRangeReader(settings, logger),
): Surroundings {
  const viewer = createEventViewer(settings.registryUrl);
  const bounds = { maxBytes: BYTES, timeoutMs: TIMEOUT_MS };

  const tell = async ({ offset, timestamp, value, headers }: ConsumedRecord): Promise<Neighbour> => ({
    offset,
    timestamp,
    sequence: sequenceOf({ headers }),
    content: await viewer.view(value),
  });

  return {
    async of({ topic, partition, offset, key }) {
      const ofKey = (record: ConsumedRecord) =>
        key === null || record.key === null ? key === record.key : record.key.equals(key);
      const range = (from: number, to: number): Range => ({ topic, partition, from, to, ...bounds });
      const [before, after] = await Promise.all([
        readBack(reader, range(Math.max(0, offset - OFFSETS), offset)),
        reader.read(range(offset + 1, offset + 1 + OFFSETS)),
      ]);
      return {
        before: await Promise.all(before.records.filter(ofKey).slice(-TOLD).map(tell)),
        after: await Promise.all(after.records.filter(ofKey).slice(0, TOLD).map(tell)),
        from: before.from,
        to: Math.max(offset, Math.min(after.readTo, after.endOffset)),
      };
    },
  };
}

/** The end of a range: where it holds more than may be read, its nearer part alone, an eighth as long each time. */
async function readBack(
  reader: RangeReader,
  range: Range,
): Promise<{ records: readonly ConsumedRecord[]; from: number }> {
  const { records, readTo } = await reader.read(range);
  if (readTo >= range.to) return { records, from: range.from };
  const from = Math.max(range.from + 1, range.to - Math.floor((range.to - range.from) / 8));
  return from >= range.to ? { records: [], from: range.to } : readBack(reader, { ...range, from });
}
