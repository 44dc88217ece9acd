import { type EventName, type Events, eventNames, schemaOf, subjectOf, typeFor } from '@skald/contracts';
import type { Type } from 'avsc';
import { type AvroSchema, createBoundsCheck } from './bounds.ts';
import type { ValueWriter } from './entry.ts';
import { FatalError, PoisonError, TransientError } from './errors.ts';
import type { Registry } from './registry.ts';
import { time } from './time.ts';

/** Confluent wire format: a zero byte, the schema id as u32 big endian, the Avro value. */
const PREFIX_BYTES = 5;
/** An id that the registry did not know is asked for again after this time, ms. */
const UNKNOWN_TTL_MS = 30_000;
const MANY_UNKNOWN = 1_000;

export interface DecodedEvent {
  readonly name: EventName;
  readonly data: Events[EventName];
}

export interface Codec {
  /** Looks up the ids of the events that this service writes. Throws FatalError if one isn't registered. */
  start(writes: readonly EventName[]): Promise<void>;
  /**
   * Looks up the ids of events that will be read, in the form that this build knows: a registry that is away later holds
   * up no more than records in another form. What isn't known when a record comes is learned then. Throws TransientError.
   */
  prepare(reads: readonly EventName[]): Promise<void>;
  /** Writes prefix and value; the writer throws what avsc throws if the data doesn't fit the schema. */
  writer<Name extends EventName>(name: Name, data: Events[Name]): ValueWriter;
  /** The schema id in the prefix; undefined if these aren't bytes in the wire format. */
  schemaId(value: Buffer | null): number | undefined;
  /** True when `decode` can be called for this id. */
  isKnown(id: number): boolean;
  /** Gets schemas that are not known yet. Throws TransientError while the registry is away. */
  learn(ids: Iterable<number>): Promise<void>;
  /** The event that a schema id stands for, without decoding; undefined if it isn't one of ours. */
  nameOf(id: number): EventName | undefined;
  /** Throws PoisonError: UNDECODABLE, UNKNOWN_SCHEMA. */
  decode(value: Buffer | null): DecodedEvent;
}

interface Reader {
  readonly name: EventName;
  read(value: Buffer): Events[EventName];
}

const bySubject = new Map(eventNames.map((name) => [subjectOf(name), name]));
const readerTypes = new Map<EventName, Type>();
/** Of what a registry answers, what was compiled for it. */
const compiled = new WeakMap<Type, Reader>();

/** The form in which this build knows an event. */
function readerType(name: EventName): Type {
  let type = readerTypes.get(name);
  if (type === undefined) {
    type = typeFor(schemaOf(name));
    readerTypes.set(name, type);
  }
  return type;
}

/** Encodes and decodes with schemas compiled once: nothing is compiled, and nothing awaited, for a message. */
export function createCodec(registry: Registry): Codec {
  const readers = new Map<number, Reader>();
  const unknown = new Map<number, { reason: string; until: number }>();
  const writers = new Map<EventName, { prefix: number; type: Type }>();

  const learnOne = async (id: number): Promise<void> => {
    try {
      const found = await registry.typeOf(id);
      if (found === undefined) throw new PoisonError('UNKNOWN_SCHEMA', `the registry has no schema ${id}`);
      readers.set(id, readerOf(found));
      unknown.delete(id);
    } catch (error) {
      if (error instanceof TransientError) throw error;
      // Ids that nobody registered can be any number: what is remembered of them is forgotten in time.
      if (unknown.size >= MANY_UNKNOWN) {
        for (const [other, { until }] of unknown) if (until <= time.now()) unknown.delete(other);
      }
      unknown.set(id, { reason: `schema ${id}: ${String(error)}`, until: time.now() + UNKNOWN_TTL_MS });
    }
  };

  const schemaId = (value: Buffer | null): number | undefined =>
    value !== null && value.length >= PREFIX_BYTES && value[0] === 0 ? value.readUInt32BE(1) : undefined;

  const isKnown = (id: number): boolean => {
    if (readers.has(id)) return true;
    const entry = unknown.get(id);
    return entry !== undefined && entry.until > time.now();
  };

  return {
    async start(writes) {
      for (const name of writes) {
        const id = await registry.idOf(subjectOf(name), schemaOf(name));
        if (id === undefined) {
          throw new FatalError(
            'SCHEMA_NOT_REGISTERED',
            `${subjectOf(name)} is not registered in the form that this service writes: run the provisioning`,
          );
        }
        writers.set(name, { prefix: id, type: readerType(name) });
      }
    },
    async prepare(reads) {
      for (const name of reads) {
        const id = await registry.idOf(subjectOf(name), schemaOf(name));
        if (id !== undefined) readers.set(id, readerOf(readerType(name)));
      }
    },
    writer(name, data) {
      const writer = writers.get(name);
      if (writer === undefined) throw new FatalError('NOT_A_WRITER', `this service doesn't write ${name}`);
      const { prefix, type } = writer;
      return (slab, position) => {
        // `encode` answers minus the bytes that were missing; a slab too small for the prefix misses all.
        if (position + PREFIX_BYTES > slab.length) return -PREFIX_BYTES;
        slab[position] = 0;
        slab.writeUInt32BE(prefix, position + 1);
        return type.encode(data, slab, position + PREFIX_BYTES);
      };
    },
    schemaId,
    isKnown,
    async learn(ids) {
      for (const id of ids) if (!isKnown(id)) await learnOne(id);
    },
    nameOf: (id) => readers.get(id)?.name,
    decode(value) {
      if (value === null) throw new PoisonError('UNDECODABLE', 'a tombstone where an event is expected');
      const id = schemaId(value);
      if (id === undefined) throw new PoisonError('UNDECODABLE', 'not in the Confluent wire format');
      const reader = readers.get(id);
      if (reader === undefined) {
        throw new PoisonError('UNKNOWN_SCHEMA', unknown.get(id)?.reason ?? `schema ${id} is not known`);
      }
      return { name: reader.name, data: reader.read(value) };
    },
  };
}

function readerOf(writerType: Type): Reader {
  let reader = compiled.get(writerType);
  if (reader === undefined) {
    reader = createReader(writerType);
    compiled.set(writerType, reader);
  }
  return reader;
}

/** Reads what was written with one registered schema into the form that this build knows. */
function createReader(writerType: Type): Reader {
  const name = bySubject.get(writerType.name ?? '');
  if (name === undefined) throw new Error(`${writerType.name ?? 'it'} is not an event of this house`);
  const type = readerType(name);
  const resolver = type.createResolver(writerType);
  const check = createBoundsCheck(writerType.schema() as AvroSchema);
  return {
    name,
    read(value) {
      try {
        check?.(value, PREFIX_BYTES);
        return type.fromBuffer(value.subarray(PREFIX_BYTES), resolver) as Events[EventName];
      } catch (error) {
        if (error instanceof PoisonError) throw error;
        throw new PoisonError(
          'UNDECODABLE',
          `${name}: ${error instanceof Error ? error.message : String(error)}`,
          {
            cause: error,
          },
        );
      }
    },
  };
}
