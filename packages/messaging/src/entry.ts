/**
 * One outbox entry: all records of one transaction, packed, in the order decided.
 *
 * Layout of a record, all sizes u32 big endian, 0xffffffff for null:
 * topic, key, value, each as size and bytes; u16 number of headers; each header's name and value as size and bytes.
 * `messaging.unpack` in migrations/001 reads the same.
 */

/** A record as it goes to a topic. Text goes as UTF-8. */
export interface RecordToSend {
  readonly topic: string;
  readonly key: string | Buffer | null;
  /** null is a tombstone. */
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string | Buffer>>;
}

/** A record as it comes from a topic, or out of an entry. */
export interface LogRecord extends RecordToSend {
  readonly key: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer>>;
}

/** What was packed: the bytes for the outbox, and the same records for a relay in this process. */
export interface PackedEntry {
  readonly entry: Buffer;
  /** Their values share the entry's memory. */
  readonly records: readonly RecordToSend[];
}

/** Writes an Avro value at `position` and answers where it ends; a negative number when the slab is too small. */
export type ValueWriter = (slab: Buffer, position: number) => number;

export interface EntryPacker {
  /** Adds one record. `headers` alternates names and values. */
  add(
    topic: string,
    key: string | Buffer | null,
    value: Buffer | ValueWriter | null,
    headers: readonly (string | Buffer)[],
  ): void;
  /** Number of records added since the last `take`. */
  readonly size: number;
  /** The packed entry, copied out of the slab, which starts anew. */
  take(): PackedEntry;
  /** Forgets what was added. */
  reset(): void;
}

/** One record of a slab. */
interface Added {
  readonly topic: string;
  readonly key: string | Buffer | null;
  /** -1: null. */
  readonly valueStart: number;
  readonly valueEnd: number;
  readonly headers: readonly (string | Buffer)[];
}

function toRecord(entry: Buffer, { topic, key, valueStart, valueEnd, headers: parts }: Added): RecordToSend {
  const headers: Record<string, string | Buffer> = {};
  for (let i = 0; i < parts.length; i += 2) setHeader(headers, String(parts[i]), parts[i + 1] ?? '');
  return { topic, key, value: valueStart < 0 ? null : entry.subarray(valueStart, valueEnd), headers };
}

const NULL = 0xffffffff;
const MAX_SLAB = 256 * 1024 * 1024;
/** Kafka refuses a record of 1 MiB, for ever: what is larger must not come into an outbox. */
const MAX_VALUE = 900 * 1024;

/** Packs into one slab that grows to what the largest transaction needs and is used again. */
export function createEntryPacker(initialSize = 256 * 1024): EntryPacker {
  let slab = Buffer.allocUnsafe(initialSize);
  let end = 0;
  let added: Added[] = [];

  const reserve = (bytes: number) => {
    if (end + bytes <= slab.length) return;
    const larger = Buffer.allocUnsafe(Math.min(Math.max(slab.length * 2, end + bytes), MAX_SLAB));
    slab.copy(larger, 0, 0, end);
    slab = larger;
  };

  const put = (content: string | Buffer | null) => {
    if (content === null) {
      reserve(4);
      end = slab.writeUInt32BE(NULL, end);
      return;
    }
    if (typeof content === 'string') {
      // A UTF-8 character takes at most three bytes for each UTF-16 unit.
      reserve(4 + content.length * 3);
      const written = slab.write(content, end + 4);
      slab.writeUInt32BE(written, end);
      end += 4 + written;
      return;
    }
    reserve(4 + content.length);
    slab.writeUInt32BE(content.length, end);
    content.copy(slab, end + 4);
    end += 4 + content.length;
  };

  const putWritten = (write: ValueWriter) => {
    reserve(1024);
    let after = write(slab, end + 4);
    while (after < 0) {
      reserve(slab.length - end + 4096 - after);
      after = write(slab, end + 4);
    }
    const length = after - end - 4;
    if (length > MAX_VALUE)
      throw new RangeError(`an event of ${length} bytes: no topic takes more than ${MAX_VALUE}`);
    slab.writeUInt32BE(length, end);
    end = after;
  };

  const reset = () => {
    end = 0;
    added = [];
  };

  return {
    add(topic, key, value, headers) {
      const start = end;
      try {
        put(topic);
        put(key);
        const valueStart = end + 4;
        if (typeof value === 'function') putWritten(value);
        else put(value);
        const valueEnd = end;
        reserve(2);
        end = slab.writeUInt16BE(headers.length / 2, end);
        for (const part of headers) put(part);
        added.push({ topic, key, valueStart: value === null ? -1 : valueStart, valueEnd, headers });
      } catch (error) {
        // A value that its schema refuses leaves no half a record behind.
        end = start;
        throw error;
      }
    },
    get size() {
      return added.length;
    },
    take() {
      const entry = Buffer.from(slab.subarray(0, end));
      const records = added.map((record) => toRecord(entry, record));
      reset();
      return { entry, records };
    },
    reset,
  };
}

/** A header may have any name: assigned to `__proto__`, it would be lost. */
export function setHeader<Value>(headers: Record<string, Value>, name: string, value: Value): void {
  if (name !== '__proto__') headers[name] = value;
  else Object.defineProperty(headers, name, { value, enumerable: true, configurable: true, writable: true });
}

/** The records of an entry, in order. They share the entry's memory. */
export function unpackEntry(entry: Buffer): LogRecord[] {
  const records: LogRecord[] = [];
  let at = 0;
  const take = (): Buffer | null => {
    const size = entry.readUInt32BE(at);
    at += 4;
    if (size === NULL) return null;
    at += size;
    return entry.subarray(at - size, at);
  };
  const takeText = (): string => {
    const size = entry.readUInt32BE(at);
    at += 4 + size;
    return entry.toString('utf8', at - size, at);
  };
  while (at < entry.length) {
    const topic = takeText();
    const key = take();
    const value = take();
    const headers: Record<string, Buffer> = {};
    let count = entry.readUInt16BE(at);
    at += 2;
    while (count > 0) {
      setHeader(headers, takeText(), take() ?? Buffer.alloc(0));
      count -= 1;
    }
    records.push({ topic, key, value, headers });
  }
  return records;
}
