import { schemaOf, typeFor } from '@skald/contracts';
import avsc from 'avsc';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createFakeRegistry, type FakeRegistry, idOf } from '../tests/fake-registry.ts';
import { encode, orderCreated, wire } from '../tests/given.ts';
import { type Codec, createCodec } from './codec.ts';
import { createEntryPacker, readRecord } from './entry.ts';
import { FatalError, PoisonError, TransientError } from './errors.ts';

const UNKNOWN = 4_711;
let registry: FakeRegistry;
let codec: Codec;

beforeEach(() => {
  registry = createFakeRegistry();
  codec = createCodec(registry);
});

const poison = (code: string, says?: RegExp) =>
  expect.objectContaining({
    name: 'PoisonError',
    code,
    ...(says && { message: expect.stringMatching(says) }),
  });
const thrown = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

describe('an event', () => {
  it('is written in the wire format and read back', async () => {
    await codec.start(['OrderCreated']);
    await codec.learn([idOf('OrderCreated')]);
    const data = orderCreated();
    const packer = createEntryPacker(16);
    packer.add('orders.events', data.orderId, codec.writer('OrderCreated', data), []);
    const [value = null] = packer.take().records.map((record) => readRecord(record).value);
    expect(value).toEqual(encode('OrderCreated', data));
    expect(codec.decode(value)).toEqual({ name: 'OrderCreated', data });
  });

  it('that was prepared for is known before it comes: a registry that is away by then holds up nothing', async () => {
    await codec.start(['OrderCreated']);
    await codec.prepare(['PaymentCompleted']);
    registry.isAway = true;
    expect(codec.isKnown(idOf('PaymentCompleted'))).toBe(true);
    expect(codec.nameOf(idOf('PaymentCompleted'))).toBe('PaymentCompleted');
    expect(codec.isKnown(idOf('OrderCreated'))).toBe(false);
  });

  it('that was prepared for may be registered in no form yet', async () => {
    registry.idOf = async () => undefined;
    await codec.prepare(['PaymentCompleted']);
    expect(codec.isKnown(idOf('PaymentCompleted'))).toBe(false);
  });

  it('that its schema refuses is not written', async () => {
    await codec.start(['OrderCreated']);
    const write = codec.writer('OrderCreated', orderCreated({ total: { amount: -1, currency: 'EUR' } }));
    expect(() => write(Buffer.alloc(1_000), 0)).toThrow(/not an amount/);
  });

  it('is written by its writer alone, and only in the form that is registered', async () => {
    expect(() => codec.writer('OrderCreated', orderCreated())).toThrow(FatalError);
    registry.idOf = async () => undefined;
    await expect(codec.start(['OrderCreated'])).rejects.toThrow(/not registered/);
  });

  it('written by a later version is read without what this one knows nothing of, and the other way round', async () => {
    const schema = schemaOf('OrderCreated');
    const later = {
      ...schema,
      fields: [...schema.fields, { name: 'gift', type: 'boolean', default: false }],
    };
    const earlier = { ...schema, fields: schema.fields.filter(({ name }) => name !== 'customerId') };
    registry.add(1, typeFor(later as typeof schema));
    registry.add(2, typeFor(earlier));
    await codec.learn([1, 2]);
    const data = orderCreated();
    const written = typeFor(later as typeof schema).toBuffer({ ...data, gift: true });
    expect(codec.decode(wire(1, written))).toEqual({ name: 'OrderCreated', data });
    // Without a default the field can't be made up: such a schema is never registered, and poison all the same.
    expect(thrown(() => codec.decode(wire(2, typeFor(earlier).toBuffer(data))))).toEqual(
      poison('UNKNOWN_SCHEMA'),
    );
  });
});

describe('poison', () => {
  beforeEach(() => codec.learn([idOf('OrderCreated'), idOf('PaymentFailed')]));
  const good = encode('OrderCreated', orderCreated());
  const bomb = Buffer.concat([good.subarray(0, 5), Buffer.from([0, 0, 0xfe, 0xff, 0xff, 0xff, 0x0f])]);

  it.each<[string, Buffer | null]>([
    ['a tombstone', null],
    ['nothing', Buffer.alloc(0)],
    ['a prefix alone', good.subarray(0, 5)],
    ['text', Buffer.from('{"orderId":"1"}')],
    ['another magic byte', Buffer.concat([Buffer.from([1]), good.subarray(1)])],
    ['a value that is cut', good.subarray(0, -3)],
    ['a value with something behind it', Buffer.concat([good, Buffer.from([0])])],
    ['a bomb', bomb],
    ['an amount out of bounds', encodeUnchecked()],
  ])('is %s', (_what, value) => {
    expect(thrown(() => codec.decode(value))).toEqual(poison('UNDECODABLE'));
  });

  it('is a string of negative length, also where no array is and nothing was checked before', () => {
    const body = Buffer.from([9, 0, 0, 0, 0]);
    expect(thrown(() => codec.decode(wire(idOf('PaymentFailed'), body)))).toEqual(poison('UNDECODABLE'));
  });
});

/** An order of minus one cent, written by somebody who has no bounds. */
function encodeUnchecked(): Buffer {
  const plain = avsc.Type.forSchema(schemaOf('OrderCreated') as unknown as avsc.Schema);
  return wire(idOf('OrderCreated'), plain.toBuffer(orderCreated({ total: { amount: -1, currency: 'EUR' } })));
}

describe('a schema that the registry does not have', () => {
  it('is unknown, is asked for once, and again after half a minute', async () => {
    vi.useFakeTimers();
    try {
      await codec.learn([UNKNOWN]);
      expect(codec.isKnown(UNKNOWN)).toBe(true);
      await codec.learn([UNKNOWN]);
      expect(registry.asked).toEqual([UNKNOWN]);
      expect(thrown(() => codec.decode(wire(UNKNOWN, Buffer.of(0))))).toEqual(
        poison('UNKNOWN_SCHEMA', /4711/),
      );
      vi.advanceTimersByTime(31_000);
      expect(codec.isKnown(UNKNOWN)).toBe(false);
      registry.add(UNKNOWN, typeFor(schemaOf('OrderCreated')));
      await codec.learn([UNKNOWN]);
      expect(codec.nameOf(UNKNOWN)).toBe('OrderCreated');
    } finally {
      vi.useRealTimers();
    }
  });

  it('is poison as well when it is no event of the house, or not Avro', async () => {
    registry.add(1, avsc.Type.forSchema({ type: 'record', name: 'Foreign', fields: [] }));
    const { typeOf } = registry;
    registry.typeOf = async (id) => {
      if (id === 2) throw new PoisonError('UNKNOWN_SCHEMA', 'schema 2 is not Avro');
      return typeOf(id);
    };
    await codec.learn([1, 2]);
    for (const id of [1, 2]) {
      expect(thrown(() => codec.decode(wire(id, Buffer.of(0))))).toEqual(poison('UNKNOWN_SCHEMA'));
    }
  });

  it('is remembered as unknown for no longer than it must be, however many there are', async () => {
    vi.useFakeTimers();
    try {
      const many = Array.from({ length: 3_000 }, (_, index) => 10_000 + index);
      await codec.learn(many);
      // All of one batch must be known at once, or it would wait for ever.
      expect(many.every(codec.isKnown)).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('a registry that is away', () => {
  it('says nothing of a schema: it is waited for', async () => {
    registry.isAway = true;
    await expect(codec.learn([UNKNOWN])).rejects.toThrow(TransientError);
    expect(codec.isKnown(UNKNOWN)).toBe(false);
    await expect(codec.start(['OrderCreated'])).rejects.toThrow(TransientError);
  });

  it('is not needed for what is known already', async () => {
    await codec.learn([idOf('OrderCreated')]);
    registry.isAway = true;
    await codec.learn([idOf('OrderCreated')]);
    const data = orderCreated();
    expect(codec.decode(encode('OrderCreated', data)).data).toEqual(data);
  });
});
