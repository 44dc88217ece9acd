import { FatalError } from './errors.ts';

/**
 * One outbox entry: all records of one transaction, encoded once, in the order decided.
 *
 * Layout: a byte for the format; then each record: u16 big endian and the topic, u32 big endian and the body. The body
 * is what Kafka's record batches (magic 2) hold of a record apart from its place and time, so that the relay copies it
 * as it is: key, value, number of headers, each header's name and value; a size before each, as a zigzag varint, -1 for
 * null (https://kafka.apache.org/documentation/#record). `messaging.unpack` in migrations/003 reads the same.
 */

/** A record as it goes to a topic. */
export interface RecordToSend {
  readonly topic: string;
  /** Chooses the partition. Text goes as UTF-8. */
  readonly key: string | Buffer | null;
  /** Key, value and headers, encoded. */
  readonly body: Buffer;
}

/** A record as it comes from a topic, or out of an entry. */
export interface LogRecord {
  readonly topic: string;
  readonly key: Buffer | null;
  /** null is a tombstone. */
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer>>;
}

/** What was packed: the bytes for the outbox, and the same records for a relay in this process. */
export interface PackedEntry {
  readonly entry: Buffer;
  /** Their bodies share the entry's memory. */
  readonly records: readonly RecordToSend[];
}

/** Writes an Avro value at `position` and answers where it ends; a negative number when the slab is too small. */
export type ValueWriter = (slab: Buffer, position: number) => number;

/** Headers that are the same each time, encoded beforehand. */
export interface EncodedHeaders {
  readonly count: number;
  readonly bytes: Buffer;
}

export interface EntryPacker {
  /** Adds one record. `headers` alternates names and values; `fixed` come before them. */
  add(
    topic: string,
    key: string | Buffer | null,
    value: Buffer | ValueWriter | null,
    headers: readonly (string | Buffer)[],
    fixed?: EncodedHeaders,
  ): void;
  /** Number of records added since the last `take`. */
  readonly size: number;
  /** The packed entry, copied out of the slab, which starts anew. */
  take(): PackedEntry;
  /** Forgets what was added. */
  reset(): void;
}

const FORMAT = 1;
const noHeaders: EncodedHeaders = { count: 0, bytes: Buffer.alloc(0) };
const MAX_SLAB = 256 * 1024 * 1024;
/** Kafka refuses a record of 1 MiB, for ever: what is larger must not come into an outbox. */
const MAX_VALUE = 900 * 1024;
/** Bytes of a varint. */
const MAX_VARINT = 5;
/** Characters whose number is a varint of one byte. */
const MAX_SHORT = 63;

/** One record of a slab. */
interface Added {
  readonly topic: string;
  readonly key: string | Buffer | null;
  readonly start: number;
  readonly end: number;
}

/** Packs into one slab that grows to what the largest transaction needs and is used again. */
export function createEntryPacker(initialSize = 4 * 1024): EntryPacker {
  let slab = Buffer.allocUnsafe(initialSize);
  let end = 0;
  let added: Added[] = [];

  const reserve = (bytes: number) => {
    if (end + bytes <= slab.length) return;
    const larger = Buffer.allocUnsafe(Math.min(Math.max(slab.length * 2, end + bytes), MAX_SLAB));
    slab.copy(larger, 0, 0, end);
    slab = larger;
  };

  const putVarint = (value: number) => {
    reserve(MAX_VARINT);
    let rest = ((value << 1) ^ (value >> 31)) >>> 0;
    while (rest > 0x7f) {
      slab[end] = (rest & 0x7f) | 0x80;
      end += 1;
      rest >>>= 7;
    }
    slab[end] = rest;
    end += 1;
  };

  /** Short ASCII, as ids and times are, takes longer to hand over to V8's own writer than to write. */
  const putShort = (text: string): boolean => {
    const size = text.length;
    if (size > MAX_SHORT) return false;
    reserve(1 + size);
    for (let i = 0; i < size; i += 1) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) return false;
      slab[end + 1 + i] = code;
    }
    slab[end] = size << 1;
    end += 1 + size;
    return true;
  };

  const put = (content: string | Buffer | null) => {
    if (content === null) return putVarint(-1);
    if (typeof content === 'string' && putShort(content)) return;
    const size = Buffer.byteLength(content);
    putVarint(size);
    reserve(size);
    if (typeof content === 'string') slab.write(content, end);
    else content.copy(slab, end);
    end += size;
  };

  /** Behind its own size, for which room is left first: nobody knows how long that one will be. */
  const putWritten = (write: ValueWriter) => {
    reserve(1024);
    const start = end + MAX_VARINT;
    let after = write(slab, start);
    while (after < 0) {
      reserve(slab.length - end + 4096 - after);
      after = write(slab, start);
    }
    const length = after - start;
    if (length > MAX_VALUE)
      throw new RangeError(`an event of ${length} bytes: no topic takes more than ${MAX_VALUE}`);
    putVarint(length);
    slab.copyWithin(end, start, after);
    end += length;
  };

  const putHeaders = (headers: readonly (string | Buffer)[], fixed = noHeaders) => {
    putVarint(fixed.count + headers.length / 2);
    reserve(fixed.bytes.length);
    end += fixed.bytes.copy(slab, end);
    for (const part of headers) put(part);
  };

  const reset = () => {
    end = 0;
    added = [];
    reserve(1);
    slab[0] = FORMAT;
    end = 1;
  };
  reset();

  return {
    add(topic, key, value, headers, fixed) {
      const before = end;
      try {
        reserve(2 + topic.length * 3 + 4);
        const topicBytes = slab.write(topic, end + 2);
        slab.writeUInt16BE(topicBytes, end);
        end += 2 + topicBytes + 4;
        const start = end;
        put(key);
        if (typeof value === 'function') putWritten(value);
        else put(value);
        putHeaders(headers, fixed);
        slab.writeUInt32BE(end - start, start - 4);
        added.push({ topic, key, start, end });
      } catch (error) {
        // A value that its schema refuses leaves no half a record behind.
        end = before;
        throw error;
      }
    },
    get size() {
      return added.length;
    },
    take() {
      const entry = Buffer.from(slab.subarray(0, end));
      const records = added.map(({ topic, key, start, end }) => ({
        topic,
        key,
        body: entry.subarray(start, end),
      }));
      reset();
      return { entry, records };
    },
    reset,
  };
}

/** Encodes headers that are the same each time. */
export function encodeHeaders(headers: Readonly<Record<string, string>>): EncodedHeaders {
  const packer = createEntryPacker(1024);
  packer.add('', null, null, Object.entries(headers).flat());
  const bodies = packer.take().records.map(({ body }) => body);
  // Behind the sizes of key and value, and the number of the headers.
  return { count: Object.keys(headers).length, bytes: Buffer.concat(bodies).subarray(3) };
}

/** The records of an entry, in order. They share the entry's memory. */
export function unpackEntry(entry: Buffer): RecordToSend[] {
  if (entry[0] !== FORMAT) throw new FatalError('UNKNOWN_ENTRY', `an outbox entry of format ${entry[0]}`);
  const records: RecordToSend[] = [];
  let at = 1;
  while (at < entry.length) {
    const topicEnd = at + 2 + entry.readUInt16BE(at);
    const topic = entry.toString('utf8', at + 2, topicEnd);
    const start = topicEnd + 4;
    at = start + entry.readUInt32BE(topicEnd);
    const body = entry.subarray(start, at);
    records.push({ topic, key: createBodyReader(body).bytes(), body });
  }
  return records;
}

/** What a body holds. */
export function readRecord({ topic, body }: RecordToSend): LogRecord {
  const reader = createBodyReader(body);
  const key = reader.bytes();
  const value = reader.bytes();
  const headers: Record<string, Buffer> = {};
  for (let count = reader.varint(); count > 0; count -= 1)
    setHeader(headers, reader.bytes()?.toString() ?? '', reader.bytes() ?? Buffer.alloc(0));
  return { topic, key, value, headers };
}

function createBodyReader(body: Buffer) {
  let at = 0;
  const varint = (): number => {
    let zigzag = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = body[at] ?? 0;
      at += 1;
      zigzag |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (zigzag >>> 1) ^ -(zigzag & 1);
    }
  };
  return {
    varint,
    bytes(): Buffer | null {
      const size = varint();
      if (size < 0) return null;
      at += size;
      return body.subarray(at - size, at);
    },
  };
}

/** A header may have any name: assigned to `__proto__`, it would be lost. */
export function setHeader<Value>(headers: Record<string, Value>, name: string, value: Value): void {
  if (name !== '__proto__') headers[name] = value;
  else Object.defineProperty(headers, name, { value, enumerable: true, configurable: true, writable: true });
}
