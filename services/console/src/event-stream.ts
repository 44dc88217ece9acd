import { Readable } from 'node:stream';
import { Problem } from '@skald/service-kit';
import type { EventRing, Place } from './event-ring.ts';

/** Tells browsers of events, as server-sent events. */
export interface EventStream {
  /** Goes on behind `lastPlace` where that is still known, and says `reset` where it isn't. Throws a 503 Problem if too many look. */
  open(lastPlace: Place | undefined): Readable;
  /** Something has come. */
  notify(): void;
  /** Ends all streams, and opens no more. */
  close(): void;
  readonly readers: number;
}

export interface StreamTimes {
  /** Events that come within this many ms of each other travel together. */
  readonly gatherMs: number;
  readonly heartbeatMs: number;
}

const defaults: StreamTimes = { gatherMs: 40, heartbeatMs: 10_000 };

const MAX_READERS = 200;
/** Bytes that wait for a reader: it is cut off, and comes back to where it was. */
const MAX_BEHIND = 2 * 1024 * 1024;
/** Of one message. */
const MAX_EVENTS = 500;

interface Reader {
  readonly stream: Readable;
  place: Place;
}

export function createEventStream(ring: EventRing, times: StreamTimes = defaults): EventStream {
  const readers = new Set<Reader>();
  let gathering: NodeJS.Timeout | undefined;
  let isClosed = false;

  const write = ({ stream }: Reader, text: string) => {
    stream.push(text);
    if (stream.readableLength > MAX_BEHIND) stream.destroy();
  };

  function tell(reader: Reader): void {
    const events = ring.after(reader.place);
    reader.place = ring.end;
    if (events === undefined) write(reader, message('reset', reader.place, {}));
    for (let at = 0; events !== undefined && at < events.length; at += MAX_EVENTS) {
      const isLast = at + MAX_EVENTS >= events.length;
      // Whoever is cut off in between is told again from where the whole began.
      write(reader, message('events', isLast ? reader.place : undefined, events.slice(at, at + MAX_EVENTS)));
    }
  }

  const tellAll = () => {
    gathering = undefined;
    for (const reader of readers) tell(reader);
  };

  const heartbeat = setInterval(() => {
    for (const reader of readers) write(reader, ': still here\n\n');
  }, times.heartbeatMs).unref();

  return {
    open(lastPlace) {
      if (isClosed || readers.size >= MAX_READERS)
        throw new Problem({ status: 503, detail: 'Too many are looking already', retryAfter: 5 });
      const reader: Reader = { stream: new Readable({ read() {} }), place: lastPlace ?? ring.end };
      readers.add(reader);
      reader.stream.once('close', () => readers.delete(reader));
      // A word at once, so that whatever stands in between passes the headers on.
      write(reader, message('open', lastPlace === undefined ? reader.place : undefined, {}));
      if (lastPlace !== undefined) tell(reader);
      return reader.stream;
    },
    notify() {
      gathering ??= setTimeout(tellAll, times.gatherMs);
    },
    close() {
      isClosed = true;
      clearInterval(heartbeat);
      clearTimeout(gathering);
      for (const { stream } of readers) stream.push(null);
    },
    get readers() {
      return readers.size;
    },
  };
}

const message = (name: string, id: Place | undefined, data: unknown): string =>
  `event: ${name}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;
