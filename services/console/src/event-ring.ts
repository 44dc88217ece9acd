import { randomBytes } from 'node:crypto';
import type { LiveEvent } from './live-event.ts';

/** An event, and the bytes of what it says. */
export interface RingEntry {
  readonly event: LiveEvent;
  readonly value: Buffer | null;
}

/** A place in the ring: `<epoch>.<number of the event>`. */
export type Place = string;

/** The newest events, within bounds. A place of another epoch is known to be none of ours. */
export interface EventRing {
  push(entries: readonly RingEntry[]): void;
  /** Begins anew: what comes follows on nothing that was. */
  begin(): void;
  /** Behind the newest event. */
  readonly end: Place;
  /** The events behind a place; undefined where some of them are gone, or the place is of another epoch. */
  after(place: Place): readonly LiveEvent[] | undefined;
  /** Oldest first. */
  ofKey(key: string): readonly LiveEvent[];
  find(topic: string, partition: number, offset: number): RingEntry | undefined;
}

export interface RingBounds {
  readonly events: number;
  /** Of what the events say. */
  readonly bytes: number;
}

const defaults: RingBounds = { events: 20_000, bytes: 32 * 1024 * 1024 };

export function createEventRing(bounds: RingBounds = defaults): EventRing {
  const createEpoch = () => randomBytes(6).toString('base64url');
  let epoch = createEpoch();
  let entries: RingEntry[] = [];
  /** Number of the first entry that is still there. */
  let first = 0;
  let bytes = 0;

  const sizeOf = ({ value }: RingEntry): number => value?.length ?? 0;
  const placeOf = (number: number): Place => `${epoch}.${number}`;

  /** A tenth at a time: to drop one for each that comes would move all of them each time. */
  function dropOldest(): void {
    let count = 0;
    const wanted = Math.max(0, entries.length - Math.floor(bounds.events * 0.9));
    while (count < entries.length && (count < wanted || bytes > bounds.bytes)) {
      bytes -= sizeOf(entries[count] as RingEntry);
      count += 1;
    }
    entries = entries.slice(count);
    first += count;
  }

  return {
    push(more) {
      for (const entry of more) {
        entries.push(entry);
        bytes += sizeOf(entry);
      }
      if (entries.length > bounds.events || bytes > bounds.bytes) dropOldest();
    },
    begin() {
      first += entries.length;
      entries = [];
      bytes = 0;
      epoch = createEpoch();
    },
    get end() {
      return placeOf(first + entries.length);
    },
    after(place) {
      const [ofEpoch, number = ''] = place.split('.');
      if (ofEpoch !== epoch || !/^\d{1,15}$/.test(number)) return undefined;
      const index = Number(number) - first;
      return index < 0 || index > entries.length ? undefined : entries.slice(index).map(({ event }) => event);
    },
    ofKey: (key) => entries.filter(({ event }) => event.key === key).map(({ event }) => event),
    find: (topic, partition, offset) =>
      entries.find(
        ({ event }) => event.offset === offset && event.partition === partition && event.topic === topic,
      ),
  };
}
