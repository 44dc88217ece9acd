import { isArray, isRecord, isUnion, type RecordSchema, type Schema } from '../schema.ts';
import type { SchemaSource } from './source.ts';

/**
 * Makes an event's schema self-contained, as a registry wants it: the first mention of a shared record becomes its
 * definition, later ones stay names, as Avro demands.
 */
export function inlineValues(event: RecordSchema, source: SchemaSource): RecordSchema {
  const defined = new Set<string>();
  const inline = (schema: Schema): Schema => {
    if (typeof schema === 'string') return reference(schema);
    if (isUnion(schema)) return schema.map(inline);
    if (isArray(schema)) return { ...schema, items: inline(schema.items) };
    if (isRecord(schema)) return record(schema);
    return schema;
  };
  const reference = (name: string): Schema => {
    const value = source.values.get(name);
    if (value === undefined || defined.has(name)) return name;
    if (!isRecord(value)) return { type: value.type, logicalType: value.logicalType, values: value.values };
    defined.add(name);
    return record(value);
  };
  const record = (schema: RecordSchema): RecordSchema => ({
    ...schema,
    fields: schema.fields.map((field) => ({ ...field, type: inline(field.type) })),
  });
  return record(event);
}
