import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEntryPacker, encodeHeaders, type LogRecord, readRecord, unpackEntry } from './entry.ts';

const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
const record: fc.Arbitrary<LogRecord> = fc.record({
  topic: fc.constantFrom('orders.events', 'orders.events.payment.dlq'),
  key: fc.option(bytes),
  value: fc.option(bytes),
  headers: fc.dictionary(fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }), bytes, { maxKeys: 5 }),
});

const pack = (records: readonly LogRecord[], slabSize?: number): Buffer => {
  const packer = createEntryPacker(slabSize);
  for (const { topic, key, value, headers } of records)
    packer.add(topic, key, value, Object.entries(headers).flat());
  return packer.take().entry;
};

const unpack = (entry: Buffer): LogRecord[] => unpackEntry(entry).map(readRecord);

describe('an entry', () => {
  it('gives back what was packed, byte for byte and in order', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 20 }), (records) => {
        expect(unpack(pack(records))).toEqual(records);
      }),
      { numRuns: 200 },
    );
  });

  it('is handed on as the very records that it holds', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 20 }), (given) => {
        const packer = createEntryPacker(16);
        for (const { topic, key, value, headers } of given)
          packer.add(topic, key, value, Object.entries(headers).flat());
        const { entry, records } = packer.take();
        expect(records.map(readRecord)).toEqual(unpack(entry));
        expect(records.map(({ body }) => body)).toEqual(unpackEntry(entry).map(({ body }) => body));
        expect(packer.size).toBe(0);
      }),
    );
  });

  it('tells null from empty, in key and value', () => {
    const headers = {};
    const records = [
      { topic: 't', key: null, value: Buffer.alloc(0), headers },
      { topic: 't', key: Buffer.alloc(0), value: null, headers },
    ];
    expect(unpack(pack(records))).toEqual(records);
  });

  it('keeps header names in any script', () => {
    const headers = { größe: Buffer.from([0xff, 0x00]), ce_ид: Buffer.from('1') };
    expect(unpack(pack([{ topic: 't', key: null, value: null, headers }]))[0]?.headers).toEqual(headers);
  });

  it('keeps a header whatever its name', () => {
    const headers = Object.fromEntries(['__proto__', 'constructor'].map((name) => [name, Buffer.from(name)]));
    const [unpacked] = unpack(pack([{ topic: 't', key: null, value: null, headers }]));
    expect(Object.entries(unpacked?.headers ?? {})).toEqual(Object.entries(headers));
  });

  it('takes text for a key and a header, as UTF-8', () => {
    const packer = createEntryPacker(16);
    packer.add('t', 'Überfuhr-🚚', null, ['name', 'Skaldʼs']);
    const [packed] = unpack(packer.take().entry);
    expect(packed?.key?.toString()).toBe('Überfuhr-🚚');
    expect(packed?.headers['name']?.toString()).toBe('Skaldʼs');
  });

  it('has headers that were encoded beforehand before the others', () => {
    const fixed = encodeHeaders({ first: '1', größe: '✓' });
    const packer = createEntryPacker(16);
    packer.add('t', 'k', null, ['third', '3'], fixed);
    const [record] = unpack(packer.take().entry);
    expect(
      Object.entries(record?.headers ?? {}).map(([name, value]) => `${name} ${value.toString()}`),
    ).toEqual(['first 1', 'größe ✓', 'third 3']);
  });

  it('of a format that this build does not know is refused', () => {
    expect(() => unpackEntry(Buffer.from([0, 0, 0, 1]))).toThrow(/format 0/);
  });
});

describe('the slab', () => {
  it('grows from any size to what the largest transaction needs', () => {
    fc.assert(
      fc.property(
        fc.array(record, { minLength: 1, maxLength: 10 }),
        fc.integer({ min: 1, max: 64 }),
        (records, size) => {
          expect(pack(records, size)).toEqual(pack(records));
        },
      ),
      { numRuns: 100 },
    );
  });

  it('grows for a value that says how much was missing', () => {
    const value = Buffer.alloc(10_000, 7);
    const write = (slab: Buffer, position: number) => {
      if (position + value.length > slab.length) return slab.length - position - value.length;
      value.copy(slab, position);
      return position + value.length;
    };
    const packer = createEntryPacker(8);
    packer.add('t', 'before', write, []);
    packer.add('t', 'after', write, []);
    const records = unpack(packer.take().entry);
    expect(records.map(({ key }) => key?.toString())).toEqual(['before', 'after']);
    expect(records.map((packed) => packed.value)).toEqual([value, value]);
  });

  it('is used again: an entry taken earlier stays what it was', () => {
    const packer = createEntryPacker();
    packer.add('t', 'first', Buffer.from('1'), []);
    const first = packer.take().entry;
    packer.add('t', 'other', Buffer.from('2'), []);
    packer.take();
    expect(unpack(first)[0]?.key?.toString()).toBe('first');
    expect(packer.size).toBe(0);
  });
});

describe('a value that cannot be written', () => {
  const refuse = () => {
    throw new Error('not what the schema says');
  };

  it('leaves nothing of its record behind', () => {
    const packer = createEntryPacker(8);
    packer.add('t', 'good', Buffer.from('1'), []);
    expect(() => packer.add('t', 'bad', refuse, ['name', 'value'])).toThrow('not what the schema says');
    packer.add('t', 'better', Buffer.from('2'), []);
    expect(packer.size).toBe(2);
    expect(unpack(packer.take().entry).map(({ key }) => key?.toString())).toEqual(['good', 'better']);
  });

  it('because no topic would take it is refused here: the relay would try for ever', () => {
    const write = (slab: Buffer, position: number) => {
      const end = position + 1024 * 1024;
      return end > slab.length ? slab.length - end : end;
    };
    expect(() => createEntryPacker().add('t', 'k', write, [])).toThrow(/no topic takes more/);
  });

  it('is forgotten with the rest by a reset', () => {
    const packer = createEntryPacker();
    packer.add('t', 'k', null, []);
    packer.reset();
    expect(packer.size).toBe(0);
    expect(unpack(packer.take().entry)).toEqual([]);
  });
});
