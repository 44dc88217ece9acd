import { topicOf } from '@skald/contracts';
import { keptTopics, type LogReader } from './log.ts';
import type { Bound, WindowOptions } from './options.ts';
import { createOrderRecord, type OrderRecord, type RecordedEvent } from './recorded-event.ts';

/** Orders of the log, each with all that the kept topics tell of it. */
export interface Window {
  /** Oldest first. */
  readonly orders: readonly OrderRecord[];
  /** What was met of these orders and can't be read. */
  readonly unreadable: number;
}

type Placed = Pick<RecordedEvent, 'key' | 'time' | 'partition' | 'offset'>;

/**
 * The newest `limit` orders that were placed in the window, followed to the end of the log: an order whose beginning
 * isn't known can't be replayed. Holds these orders and no other.
 */
export async function readWindow(reader: LogReader, { from, to, limit }: WindowOptions): Promise<Window> {
  const wanted = await choose(reader, limit, (placed) => isFrom(placed, from) && isBefore(placed, to));
  const events = new Map<string, RecordedEvent[]>(wanted.map((orderId) => [orderId, []]));
  let unreadable = 0;
  await reader.stream(keptTopics, {
    wants: (key) => events.has(key),
    take: (event) => void events.get(event.key)?.push(event),
    refuse: () => (unreadable += 1),
  });
  return {
    orders: [...events].map(([orderId, told]) => createOrderRecord(orderId, told)),
    unreadable,
  };
}

async function choose(
  reader: LogReader,
  limit: number,
  isWanted: (placed: Placed) => boolean,
): Promise<string[]> {
  let chosen = new Map<string, number>();
  const trim = () => {
    const newest = [...chosen].sort(([, a], [, b]) => b - a).slice(0, limit);
    chosen = new Map(newest.reverse());
  };
  await reader.stream([topicOf('OrderCreated')], {
    take(event) {
      if (event.name !== 'OrderCreated' || event.sequence !== 1 || !isWanted(event)) return;
      chosen.set(event.key, event.time);
      if (chosen.size >= 2 * limit) trim();
    },
  });
  trim();
  return [...chosen.keys()];
}

const isFrom = ({ time, partition, offset }: Placed, bound: Bound | undefined): boolean => {
  if (bound === undefined) return true;
  return 'at' in bound
    ? time >= bound.at
    : offset >= (bound.offsets.get(partition) ?? Number.POSITIVE_INFINITY);
};

const isBefore = ({ time, partition, offset }: Placed, bound: Bound | undefined): boolean => {
  if (bound === undefined) return true;
  return 'at' in bound ? time < bound.at : offset < (bound.offsets.get(partition) ?? 0);
};
