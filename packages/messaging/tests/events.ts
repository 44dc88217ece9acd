import { MAX_MINOR_UNITS, type RecordSchema, type Schema } from '@skald/contracts';
import fc from 'fast-check';

/** Any value that a schema of ours allows. */
export function arbitraryEvent(schema: RecordSchema): fc.Arbitrary<Record<string, unknown>> {
  return anyOf(schema as Schema, new Map()) as fc.Arbitrary<Record<string, unknown>>;
}

type Attributes = Readonly<Record<string, unknown>> & { readonly type: Schema };

function anyOf(schema: Schema, named: Map<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> {
  if (typeof schema === 'string') return primitives[schema] ?? required(named.get(schema), schema);
  if (Array.isArray(schema)) return fc.oneof(...schema.map((branch: Schema) => anyOf(branch, named)));
  const attributes = schema as unknown as Attributes;
  if (attributes['logicalType'] === 'minor-units') return fc.integer({ min: 0, max: MAX_MINOR_UNITS });
  if (attributes['logicalType'] === 'one-of') return fc.constantFrom(...(attributes['values'] as string[]));
  if ((attributes.type as string) === 'array') {
    return fc.array(anyOf(attributes['items'] as Schema, named), { maxLength: 4 });
  }
  if ((attributes.type as string) !== 'record') return anyOf(attributes.type, named);
  const fields = attributes['fields'] as readonly { name: string; type: Schema }[];
  const record = fc.record(Object.fromEntries(fields.map(({ name, type }) => [name, anyOf(type, named)])));
  named.set(String(attributes['name']), record);
  named.set(`${String(attributes['namespace'])}.${String(attributes['name'])}`, record);
  return record;
}

const primitives: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  null: fc.constant(null),
  boolean: fc.boolean(),
  int: fc.integer(),
  long: fc.integer({ min: -(2 ** 52), max: 2 ** 52 }),
  string: fc.string({ maxLength: 20, unit: 'grapheme' }),
};

function required<Value>(value: Value | undefined, name: string): Value {
  if (value === undefined) throw new Error(`unknown type ${name}`);
  return value;
}
