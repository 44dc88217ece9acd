import { type EventName, type Events, eventNames, type Schema, subjectOf, typeFor } from '@skald/contracts';
import type { StackAddresses } from '@skald/local-stack';
import { ask } from './http.ts';
import type { TopicRecord } from './topic-reader.ts';

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

/** Decodes by the schema that the registry has under the record's id. Throws an Error that says what can't be read. */
export type EventDecoder = (record: TopicRecord) => Promise<TopicEvent>;

const PREFIX_BYTES = 5;

export function createEventDecoder({ registry }: Pick<StackAddresses, 'registry'>): EventDecoder {
  const bySubject = new Map(eventNames.map((name) => [subjectOf(name), name]));
  const types = new Map<number, Promise<ReturnType<typeof typeFor>>>();

  function typeOf(id: number): Promise<ReturnType<typeof typeFor>> {
    let type = types.get(id);
    if (type === undefined) {
      type = ask<{ schema: string }>(`${registry}/schemas/ids/${id}`).then(({ schema }) =>
        typeFor(JSON.parse(schema) as Schema),
      );
      types.set(id, type);
    }
    return type;
  }

  return async (record) => {
    const { value, key, headers } = record;
    if (value === null || value.length < PREFIX_BYTES || value[0] !== 0) {
      throw new Error('not in the Confluent wire format');
    }
    const type = await typeOf(value.readUInt32BE(1));
    const name = bySubject.get(type.name ?? '');
    if (name === undefined) throw new Error(`${type.name ?? 'a nameless schema'} is no event of the house`);
    // The schema that the registry has ties the name to the data; the compiler doesn't know the registry.
    return {
      name,
      data: type.fromBuffer(value.subarray(PREFIX_BYTES)),
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
}
