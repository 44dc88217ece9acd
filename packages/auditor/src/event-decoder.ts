import { type EventName, type Events, eventNames, type Schema, subjectOf, typeFor } from '@skald/contracts';
import { checkCounts } from './check-counts.ts';
import { readJson } from './read-json.ts';
import type { TopicRecord } from './topic-reader.ts';
import type { Witnesses } from './witnesses.ts';

/** An event as it lies in its topic, its headers by their meaning. */
export type TopicEvent<Name extends EventName = EventName> = {
  readonly [N in Name]: {
    readonly name: N;
    readonly data: Events[N];
    readonly key: string;
    readonly id: string;
    readonly sequence: number;
    readonly source: string;
    readonly correlationId: string | undefined;
    readonly causationId: string | undefined;
    readonly traceparent: string | undefined;
    readonly record: TopicRecord;
  };
}[Name];

/** A schema that something on the topics was written with. */
export interface WriterSchema {
  readonly id: number;
  readonly name: EventName;
  readonly type: ReturnType<typeof typeFor>;
}

/** Decodes by the schema that the registry has under the record's id. */
export interface EventDecoder {
  /** Throws an Error that says what can't be read; `WitnessAway` when the registry doesn't answer. */
  (record: TopicRecord): Promise<TopicEvent>;
  /** The house's own schemas that were met so far. */
  schemas(): Promise<WriterSchema[]>;
}

const PREFIX_BYTES = 5;

type AvroType = ReturnType<typeof typeFor>;

/** What a schema id stands for; `type` is undefined where the registry has no such schema. */
interface Writer {
  readonly name: EventName | undefined;
  readonly type: AvroType | undefined;
}

export function createEventDecoder({ registry }: Pick<Witnesses, 'registry'>): EventDecoder {
  const bySubject = new Map(eventNames.map((name) => [subjectOf(name), name]));
  const writers = new Map<number, Promise<Writer>>();

  async function lookUp(id: number): Promise<Writer> {
    const answer = await readJson<{ schema: string }>('the registry', `${registry}/schemas/ids/${id}`, {
      orNone: true,
    });
    if (answer === undefined) return { name: undefined, type: undefined };
    const type = typeFor(JSON.parse(answer.schema) as Schema);
    return { name: bySubject.get(type.name ?? ''), type };
  }

  function writerOf(id: number): Promise<Writer> {
    let writer = writers.get(id);
    if (writer === undefined) {
      writer = lookUp(id);
      writers.set(id, writer);
    }
    return writer;
  }

  const decode = async (record: TopicRecord): Promise<TopicEvent> => {
    const { value, key, headers } = record;
    if (value === null || value.length < PREFIX_BYTES || value[0] !== 0) {
      throw new Error('not in the Confluent wire format');
    }
    const id = value.readUInt32BE(1);
    const { name, type } = await writerOf(id);
    if (type === undefined) throw new Error(`the registry has no schema ${id}`);
    if (name === undefined) throw new Error(`${type.name ?? 'a nameless schema'} is no event of the house`);
    const body = value.subarray(PREFIX_BYTES);
    checkCounts(type, body);
    // The schema that the registry has ties the name to the data; the compiler doesn't know the registry.
    return {
      name,
      data: type.fromBuffer(body),
      key: key?.toString('utf8') ?? '',
      id: headers['ce_id'] ?? '',
      sequence: Number(headers['ce_sequence']),
      source: headers['ce_source'] ?? '',
      correlationId: headers['ce_correlationid'],
      causationId: headers['ce_causationid'],
      traceparent: headers['traceparent'],
      record,
    } as TopicEvent;
  };

  return Object.assign(decode, {
    async schemas() {
      const known = [...writers].map(async ([id, writer]) => ({ id, ...(await writer) }));
      return (await Promise.all(known)).filter(isOfHouse);
    },
  });
}

const isOfHouse = (writer: Writer & { readonly id: number }): writer is WriterSchema =>
  writer.name !== undefined && writer.type !== undefined;
