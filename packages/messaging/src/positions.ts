import { type TopicName, topics } from '@skald/contracts';
import { type PartitionOffset, partitionName, type RecordBatch, type TopicPartition } from './log-client.ts';

type Range = Omit<RecordBatch, 'records' | 'fetchedFrom'>;

/** How far one assignment's partitions have been read, and what of that is committed. */
export interface Positions {
  has(partition: TopicPartition): boolean;
  /**
   * A batch of so many records was handed on; call the answer for each of them once it is done. In whichever order they
   * are done: a position never passes a record that isn't.
   */
  handOn(batch: Range, count: number): () => void;
  /** Behind what was handed on there is nothing to hand on up to the batch's end. */
  skip(batch: Range): void;
  /** What the group had committed by the assignment. */
  learn(committed: readonly PartitionOffset[]): void;
  /** What is done and not committed. */
  due(): PartitionOffset[];
  committed(offsets: readonly PartitionOffset[]): void;
  /** Of these ends, the ones of ours that are clearly not reached. */
  lagging(ends: readonly PartitionOffset[]): PartitionOffset[];
  /** Changes whenever there is progress. */
  fingerprint(): string;
}

interface Position extends TopicPartition {
  /** Next offset to read, as far as everything before it is done. -1: not known. */
  next: number;
  committed: number;
  /** The partition's end, as it was when last read. */
  end: number;
  /** What was handed on or skipped and isn't passed yet, in the order of the partition. */
  readonly ranges: { readonly nextOffset: number; undone: number }[];
}

export function createPositions(
  partitions: readonly TopicPartition[],
  onLag: (topic: string, partition: number, lag: number) => void,
): Positions {
  const positions = new Map(
    partitions.map(({ topic, partition }): [string, Position] => [
      partitionName({ topic, partition }),
      {
        topic,
        partition,
        next: -1,
        committed: -1,
        end: 0,
        ranges: [],
      },
    ]),
  );
  const all = () => [...positions.values()];
  const find = (partition: TopicPartition) => positions.get(partitionName(partition));

  /** Passes what is done, up to the first that isn't. */
  const advance = (position: Position) => {
    const { ranges } = position;
    while (ranges[0]?.undone === 0) {
      position.next = Math.max(position.next, ranges[0].nextOffset);
      ranges.shift();
    }
    onLag(position.topic, position.partition, Math.max(0, position.end - Math.max(0, position.next)));
  };

  const handOn = (batch: Range, count: number) => {
    const position = find(batch);
    if (position === undefined) return () => undefined;
    const range = { nextOffset: batch.nextOffset, undone: count };
    position.ranges.push(range);
    position.end = Math.max(position.end, batch.endOffset);
    if (count === 0) advance(position);
    return () => {
      range.undone -= 1;
      if (range.undone === 0) advance(position);
    };
  };

  return {
    has: (partition) => find(partition) !== undefined,
    handOn,
    skip(batch) {
      handOn(batch, 0);
    },
    learn(committed) {
      for (const known of committed) {
        const position = find(known);
        if (position === undefined) continue;
        position.next = Math.max(position.next, known.offset);
        position.committed = Math.max(position.committed, known.offset);
      }
    },
    due: () =>
      all()
        .filter(({ next, committed }) => next > committed)
        .map(({ topic, partition, next }) => ({ topic, partition, offset: next })),
    committed(offsets) {
      for (const offset of offsets) {
        const position = find(offset);
        if (position !== undefined) position.committed = Math.max(position.committed, offset.offset);
      }
    },
    lagging: (ends) =>
      ends.filter((end) => {
        const position = find(end);
        // The last offset may be one that is never handed on.
        return position !== undefined && end.offset - Math.max(position.next, 0) > 1;
      }),
    fingerprint: () =>
      all()
        .map(({ next }) => next)
        .join(),
  };
}

/**
 * Whether a partition has been read to an end that it once had. Compaction may leave a last offset that holds nothing
 * any more, and is never handed on.
 */
export const isReadTo = (topic: string, next: number, end: number): boolean =>
  Math.max(next, 0) >= end - (topics[topic as TopicName]?.cleanup === 'compact' ? 1 : 0);
