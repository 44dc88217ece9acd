import { describe, expect, it } from 'vitest';
import type { Field, RecordSchema, Schema } from '../schema.ts';
import { incompatibilities } from './compare.ts';

const money = (...more: Field[]): RecordSchema => ({
  type: 'record',
  name: 'Money',
  namespace: 'skald.values',
  fields: [{ name: 'amount', type: { type: 'long', logicalType: 'minor-units' } }, ...more],
});

const currency: Field = { name: 'currency', type: 'string' };

const event = (...fields: Field[]): RecordSchema => ({
  type: 'record',
  name: 'Paid',
  namespace: 'skald.payment',
  fields,
});

/** An event whose one field has this type. */
const paid = (type: Schema, name = 'it'): RecordSchema => event({ name, type });

const oneOf = (...values: string[]): Schema => ({ type: 'string', logicalType: 'one-of', values });

const refused: readonly (readonly [string, RecordSchema, RecordSchema, string, string])[] = [
  [
    'a new field without a default',
    event(currency, { name: 'it', type: 'int' }),
    event(currency),
    'it',
    'without a default',
  ],
  ['a field that is gone', event(), event(currency), 'currency', 'removed'],
  ['a renamed field', paid('string', 'new'), paid('string', 'old'), 'new', 'without a default'],
  ['another type', paid('string'), paid('int'), 'it', 'was int, is string'],
  ['a narrower number', paid('int'), paid('long'), 'it', 'was long, is int'],
  ['a long read as a double, which loses digits', paid('double'), paid('long'), 'it', 'was long, is double'],
  [
    'a scalar for a list',
    paid('string'),
    paid({ type: 'array', items: 'string' }),
    'it',
    'was array, is string',
  ],
  [
    'other members of a list',
    paid({ type: 'array', items: 'string' }),
    paid({ type: 'array', items: 'int' }),
    'it',
    'was int, is string',
  ],
  [
    'another logical type',
    paid({ type: 'long', logicalType: 'timestamp-millis' }),
    paid({ type: 'long', logicalType: 'timestamp-micros' }),
    'it',
    'was timestamp-micros, is timestamp-millis',
  ],
  [
    'a logical type where there was none',
    paid({ type: 'long', logicalType: 'minor-units' }),
    paid('long'),
    'it',
    'was none',
  ],
  [
    'a logical type that is gone',
    paid('string'),
    paid({ type: 'string', logicalType: 'uuid' }),
    'it',
    'is none',
  ],
  [
    'a member that is gone from one of a list',
    paid(oneOf('A')),
    paid(oneOf('A', 'B')),
    'it',
    'B was allowed',
  ],
  ['an optional field made mandatory', paid('string'), paid(['null', 'string']), 'it', 'null was allowed'],
  [
    'another type in an optional field',
    paid(['null', 'string']),
    paid(['null', 'int']),
    'it',
    'int was allowed',
  ],
  [
    'another logical type in an optional field',
    paid(['null', { type: 'string', logicalType: 'uuid' }]),
    paid(['null', 'string']),
    'it',
    'its logical type was none, is uuid',
  ],
  [
    'another default',
    event({ name: 'it', type: ['null', 'string'], default: null }),
    event({ name: 'it', type: ['string', 'null'], default: 'x' }),
    'it',
    'its default was "x" and is null',
  ],
  ['a change within a record', paid(money(currency)), paid(money()), 'it.currency', 'without a default'],
  [
    'a change within a record of a list',
    paid({ type: 'array', items: money() }),
    paid({ type: 'array', items: money(currency) }),
    'it.currency',
    'removed',
  ],
  [
    'a renamed record',
    paid({ ...money(), name: 'Sum' }),
    paid(money()),
    'it',
    'is called skald.values.Sum now',
  ],
  [
    'a record that moved',
    paid({ ...money(), namespace: 'skald.x' }),
    paid(money()),
    'it',
    'is called skald.x.Money now',
  ],
  ['a renamed event', { ...event(), name: 'Payed' }, event(), '', 'is called skald.payment.Payed now'],
  [
    'a change within a record that is mentioned again',
    event({ name: 'a', type: money(currency) }, { name: 'b', type: 'skald.values.Money' }),
    event({ name: 'a', type: money() }, { name: 'b', type: 'skald.values.Money' }),
    'b.currency',
    'without a default',
  ],
];

const allowed: readonly (readonly [string, RecordSchema, RecordSchema])[] = [
  ['nothing', event(currency), event(currency)],
  [
    'a new optional field',
    event(currency, { name: 'it', type: ['null', 'string'], default: null }),
    event(currency),
  ],
  ['a new field with a default', event({ name: 'it', type: 'int', default: 0 }), event()],
  ['an optional field that is gone', event(), event({ name: 'it', type: ['null', 'string'], default: null })],
  [
    'fields in another order',
    event(currency, { name: 'a', type: 'int' }),
    event({ name: 'a', type: 'int' }, currency),
  ],
  ['a wider number', paid('long'), paid('int')],
  ['a whole number read as a double', paid('double'), paid('int')],
  ['a mandatory field made optional', paid(['null', 'string']), paid('string')],
  ['a further member of one of a list', paid(oneOf('A', 'B')), paid(oneOf('A'))],
  ['branches in another order', paid(['null', 'string']), paid(['string', 'null'])],
  ['other words', event({ ...currency, doc: 'New' }), event({ ...currency, doc: 'Old' })],
  [
    'a record written out where it was mentioned',
    event({ name: 'b', type: 'skald.values.Money' }, { name: 'a', type: money() }),
    event({ name: 'a', type: money() }, { name: 'b', type: 'skald.values.Money' }),
  ],
  [
    "a record without a namespace of its own, which is in its parent's",
    paid({ ...money(), namespace: 'skald.payment' }),
    paid({ type: 'record', name: 'Money', fields: money().fields }),
  ],
];

describe('a schema beside a released version', () => {
  it.each(refused)('is refused for %s', (_, current, released, field, reason) => {
    const found = incompatibilities(current, released);
    expect(found.map((each) => each.field)).toContain(field);
    expect(found.find((each) => each.field === field)?.reason).toContain(reason);
  });

  it.each(allowed)('may change: %s', (_, current, released) => {
    expect(incompatibilities(current, released)).toEqual([]);
  });

  it('is refused with all its reasons at once', () => {
    const found = incompatibilities(event({ name: 'a', type: 'int' }), event(currency));
    expect(found.map(({ field }) => field)).toEqual(['a', 'currency']);
  });
});
