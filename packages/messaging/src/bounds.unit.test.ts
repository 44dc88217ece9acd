import { eventNames, schemaOf, typeFor } from '@skald/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryEvent } from '../tests/events.ts';
import { type AvroSchema, createBoundsCheck } from './bounds.ts';
import { PoisonError } from './errors.ts';

const checkOf = (schema: AvroSchema) => {
  const check = createBoundsCheck(schema);
  if (check === undefined) throw new Error('this schema needs no check');
  return (bytes: readonly number[] | Buffer) => check(Buffer.from(bytes), 0);
};
const poison = (work: () => void) => expect(work).toThrow(PoisonError);

/** A long as Avro writes it: zigzag, then seven bits a byte. */
function long(value: bigint): number[] {
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  const bytes: number[] = [];
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return [...bytes, Number(rest)];
}

describe.each(eventNames)('%s', (name) => {
  const schema = schemaOf(name);
  const type = typeFor(schema);
  const check = createBoundsCheck(schema as unknown as AvroSchema);

  it('passes in every valid encoding, and in none that is cut or has something behind it', () => {
    fc.assert(
      fc.property(arbitraryEvent(schema), fc.nat(), (data, cut) => {
        const encoded = type.toBuffer(data);
        check?.(encoded, 0);
        if (check === undefined) return;
        poison(() => check(encoded.subarray(0, cut % encoded.length), 0));
        poison(() => check(Buffer.concat([encoded, Buffer.from([0])]), 0));
      }),
      { numRuns: 50 },
    );
  });

  it('never throws anything but poison, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          check?.(Buffer.from(bytes), 0);
        } catch (error) {
          expect(error).toBeInstanceOf(PoisonError);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('a bomb', () => {
  const strings = checkOf({ type: 'array', items: 'string' });
  const nulls = checkOf({ type: 'array', items: 'null' });
  const map = checkOf({ type: 'map', values: 'long' });
  const huge = [2n ** 31n, 2n ** 40n, 2n ** 53n, 2n ** 62n, 2n ** 63n - 1n];

  it.each(huge)('of %d items in a few bytes is refused, with nothing allocated for it', (count) => {
    const before = process.memoryUsage().rss;
    for (const check of [strings, nulls, map]) {
      poison(() => check([...long(count), 0]));
      // A negative count says that the block's size in bytes follows.
      poison(() => check([...long(-count), 2, 0]));
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
  });

  it('hidden in the second block is refused as well', () => {
    poison(() => strings([...long(1n), ...long(1n), 97, ...long(2n ** 40n), 0]));
  });

  it('of a string that is longer than the value is refused', () => {
    poison(() => strings([...long(1n), ...long(2n ** 40n), 97, 0]));
    poison(() => strings([...long(1n), ...long(-5n), 97, 0]));
  });

  it('of a number that never ends is refused', () => {
    poison(() => strings(Array.from({ length: 20 }, () => 0xff)));
  });

  it('nested in a record, a union and an array is found', () => {
    const check = checkOf({
      type: 'array',
      items: {
        type: 'record',
        name: 'Line',
        fields: [{ name: 'tags', type: ['null', { type: 'array', items: 'int' }] }],
      },
    } as AvroSchema);
    check([...long(1n), 2, ...long(2n), 2, 4, 0, 0]);
    poison(() => check([...long(1n), 2, ...long(2n ** 50n), 2, 4, 0, 0]));
    poison(() => check([...long(1n), 4, 0]));
  });
});

describe('the walk', () => {
  it('reads blocks in both forms', () => {
    const check = checkOf({ type: 'array', items: 'int' });
    check([0]);
    check([...long(2n), 2, 4, 0]);
    check([...long(-2n), ...long(2n), 2, 4, 0]);
    check([...long(1n), 2, ...long(1n), 4, 0]);
  });

  it('knows every type of Avro, named ones by their short and full names', () => {
    const check = checkOf({
      type: 'record',
      name: 'All',
      namespace: 'house',
      fields: [
        { name: 'a', type: { type: 'fixed', name: 'Four', size: 4 } },
        { name: 'b', type: { type: 'enum', name: 'Colour', symbols: ['RED', 'BLUE'] } },
        { name: 'c', type: ['null', 'Four', 'house.Colour'] },
        { name: 'd', type: { type: 'map', values: ['boolean', 'double', 'float', 'bytes'] } },
        { name: 'e', type: { type: 'long', logicalType: 'timestamp-millis' } },
      ],
    });
    const four = [1, 2, 3, 4];
    check([...four, 2, 2, ...four, ...long(1n), ...long(1n), 107, 4, ...four, 0, ...long(2n ** 40n)]);
    poison(() => check([...four, 2, 2, ...four.slice(1)]));
  });

  it('is not needed, and not made, where a schema holds no array and no map', () => {
    expect(
      createBoundsCheck({ type: 'record', name: 'R', fields: [{ name: 'a', type: 'string' }] }),
    ).toBeUndefined();
  });

  it('follows a record into itself as far as the bytes go', () => {
    const check = checkOf({
      type: 'record',
      name: 'Tree',
      fields: [{ name: 'children', type: { type: 'array', items: 'Tree' } }],
    });
    check([...long(1n), ...long(1n), 0, 0, 0]);
    // Deeper than the stack: an error that can be caught, unlike memory that runs out.
    expect(() => check(Array.from({ length: 1_000_000 }, () => 2))).toThrow();
  });
});
