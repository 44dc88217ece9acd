import { eventNames, schemaOf } from '@skald/contracts';
import { describe, expect, it } from 'vitest';
import { type AvroSchema, fieldsOfAvro, fieldsOfJson, type JsonSchema } from '../page/schema-fields.ts';

describe('the fields of a schema', () => {
  it.each(eventNames)('are told of %s, each with its type', (name) => {
    const told = fieldsOfAvro(schemaOf(name) as AvroSchema);
    expect(told.map((field) => field.name)).toEqual(schemaOf(name).fields.map((field) => field.name));
    expect(told.every(({ type }) => type !== '' && !type.includes('[object'))).toBe(true);
  });

  it('go on inside, also of a type that is named only the second time', () => {
    const total = fieldsOfAvro(schemaOf('OrderCreated') as AvroSchema).find(({ name }) => name === 'total');
    expect(total?.fields.map(({ name }) => name)).toEqual(['amount', 'currency']);
  });

  it('are told of JSON with bounds, choices, references and what must be there', () => {
    const schema: JsonSchema = {
      type: 'object',
      required: ['items'],
      properties: {
        items: { type: 'array', items: { $ref: '#/components/schemas/Item' } },
        status: { enum: ['A', 'B'] },
        limit: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
        reason: { anyOf: [{ type: 'string' }, { type: 'null' }] },
      },
    };
    const item: JsonSchema = { type: 'object', properties: { sku: { type: 'string', maxLength: 64 } } };
    const told = fieldsOfJson(schema, () => item);
    expect(told).toMatchObject([
      { name: 'items', type: 'array of object', isRequired: true, fields: [{ name: 'sku' }] },
      { name: 'status', type: '"A" | "B"', isRequired: false },
      { name: 'limit', type: 'integer (from 1, to 100, default 20)' },
      { name: 'reason', type: 'string or null' },
    ]);
  });

  it('come to an end for a schema that holds itself', () => {
    const tree: JsonSchema = { type: 'object', properties: { child: { $ref: '#/tree' } } };
    expect(JSON.stringify(fieldsOfJson(tree, () => tree))).toContain('child');
  });
});
