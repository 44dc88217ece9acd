import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { Problem } from './problem.ts';
import { strictValidatorCompiler } from './validation.ts';

const compile = (schema: z.ZodType, httpPart: 'body' | 'querystring' | 'params' | 'headers' = 'body') =>
  strictValidatorCompiler({ schema, method: 'POST', url: '/orders', httpPart });

function errorsOf(schema: z.ZodType, data: unknown, part?: 'body' | 'querystring' | 'params' | 'headers') {
  const result: unknown = compile(schema, part)(data);
  const { error } = result as { error?: unknown };
  if (!(error instanceof Problem)) throw new Error('no problem was found');
  expect(error.status).toBe(400);
  return error.errors;
}

describe('every wrong field is named', () => {
  const order = z.strictObject({
    id: z.string(),
    items: z.array(z.strictObject({ sku: z.string(), n: z.int() })),
  });

  test('in a body by a JSON pointer, unknown ones too', () => {
    expect(
      errorsOf(order, {
        id: 7,
        items: [
          { sku: 'a', n: 1 },
          { sku: 'b', n: '3', x: 1, y: 2 },
        ],
      }),
    ).toEqual([
      { pointer: '#/id', detail: 'Invalid input: expected string, received number' },
      { pointer: '#/items/1/n', detail: 'Invalid input: expected number, received string' },
      { pointer: '#/items/1/x', detail: 'Unknown field' },
      { pointer: '#/items/1/y', detail: 'Unknown field' },
    ]);
  });

  test('with a key that a pointer must escape', () => {
    expect(errorsOf(order, { id: 'a', items: [], 'a/b~c': 1 })).toEqual([
      { pointer: '#/a~1b~0c', detail: 'Unknown field' },
    ]);
  });

  test('elsewhere by its place and name', () => {
    expect(errorsOf(z.strictObject({ limit: z.string() }), { page: '1' }, 'querystring')).toMatchObject([
      { pointer: 'query/limit' },
      { pointer: 'query/page' },
    ]);
    expect(errorsOf(z.strictObject({ id: z.uuid() }), { id: 'x' }, 'params')).toMatchObject([
      { pointer: 'path/id' },
    ]);
    expect(errorsOf(z.object({ 'idempotency-key': z.string() }), { accept: '*/*' }, 'headers')).toMatchObject(
      [{ pointer: 'header/idempotency-key' }],
    );
  });

  test('but no more than fifty of them', () => {
    expect(errorsOf(z.array(z.string()), Array(10_000).fill(1))).toHaveLength(50);
  });

  test('and a missing body is said to be missing', () => {
    expect(errorsOf(order, null)).toMatchObject([{ pointer: '#' }]);
  });
});

describe('a route with a schema that lets something through does not register', () => {
  test.each([
    ['an object', z.object({ a: z.string() })],
    ['a loose object', z.looseObject({ a: z.string() })],
    ['a nested object', z.strictObject({ a: z.array(z.object({ b: z.string() })) })],
    ['an optional object', z.strictObject({ a: z.object({ b: z.string() }).optional() })],
    ['an object in a union', z.union([z.string(), z.object({ b: z.string() })])],
    ['an object before a pipe', z.object({ b: z.string() }).transform((value) => value.b)],
    ['an object in a record', z.record(z.string(), z.object({}))],
  ])('%s', (_name, schema) => {
    expect(() => compile(schema)).toThrow('POST /orders body holds an object that lets unknown keys pass');
  });

  test('coercion in a body, where JSON has types of its own', () => {
    expect(() => compile(z.strictObject({ n: z.coerce.number() }))).toThrow('coerces');
    expect(() => compile(z.strictObject({ n: z.coerce.number() }), 'querystring')).not.toThrow();
  });

  test('headers alone may hold more than the schema names', () => {
    expect(compile(z.object({ a: z.string() }), 'headers')({ a: 'x', host: 'y' })).toEqual({
      value: { a: 'x' },
    });
  });
});
