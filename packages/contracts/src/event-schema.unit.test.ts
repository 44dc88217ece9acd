import { describe, expect, it } from 'vitest';
import { typeFor } from './avro-types.ts';
import { schemaOf, subjectOf } from './event-schema.ts';
import { eventNames } from './generated/events.ts';
import { type Field, isAnnotated, isArray, isRecord, isUnion, type Schema } from './schema.ts';

/** Every field of a schema, those of nested records too. */
function fieldsOf(schema: Schema): readonly Field[] {
  if (isUnion(schema)) return schema.flatMap(fieldsOf);
  if (isArray(schema)) return fieldsOf(schema.items);
  return isRecord(schema) ? schema.fields.flatMap((field) => [field, ...fieldsOf(field.type)]) : [];
}

const logicalTypeOf = ({ type }: Field): string | undefined =>
  isAnnotated(type) ? type.logicalType : undefined;

describe.each(eventNames)('the schema of %s', (event) => {
  const schema = schemaOf(event);

  it('stands by itself', () => {
    expect(() => typeFor(JSON.parse(JSON.stringify(schema)) as Schema)).not.toThrow();
  });

  it('explains itself and each of its fields', () => {
    expect(schema.doc).toBeTruthy();
    for (const { name, doc } of fieldsOf(schema)) expect(doc, name).toBeTruthy();
  });

  it('says when it happened in epoch ms', () => {
    for (const field of fieldsOf(schema).filter(({ name }) => /(^a|[a-z]A)t$/.test(name))) {
      expect(logicalTypeOf(field), field.name).toBe('timestamp-millis');
    }
  });

  it('has UUIDs where the house gives the ids', () => {
    const ours = ['orderId', 'paymentId', 'shipmentId', 'notificationId'];
    for (const field of fieldsOf(schema).filter(({ name }) => ours.includes(name))) {
      expect(logicalTypeOf(field), field.name).toBe('uuid');
    }
  });

  it('is registered under its full name', () => {
    expect(subjectOf(event)).toBe(`${schema.namespace}.${event}`);
    expect(schema.namespace).toMatch(/^skald\.[a-z]+$/);
  });

  it('cannot be changed at run time', () => {
    for (const field of fieldsOf(schema)) expect(Object.isFrozen(field)).toBe(true);
  });
});
