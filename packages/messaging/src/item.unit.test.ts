import { type EventName, schemaOf, typeFor } from '@skald/contracts';
import { beforeAll, describe, expect, it } from 'vitest';
import { createFakeRegistry, idOf } from '../tests/fake-registry.ts';
import { createdAt, encode, headers, orderCreated, record, wire } from '../tests/given.ts';
import { type Codec, createCodec } from './codec.ts';
import { createMessageItem } from './item.ts';
import type { ConsumedRecord } from './log-client.ts';
import type { Reactor } from './reactor.ts';

let codec: Codec;
const data = orderCreated();
const contents: readonly EventName[] = ['OrderCreated', 'OrderConfirmed', 'PaymentCompleted'];

beforeAll(async () => {
  codec = createCodec(createFakeRegistry());
  await codec.learn(contents.map(idOf));
});

const read = (message: ConsumedRecord, unread = {}) =>
  createMessageItem(message, codec, { unread }, () => undefined);
const codeOf = (message: ConsumedRecord) => {
  const { reading } = read(message);
  return reading.result === 'failed' ? reading.error.code : reading.result;
};
const withHeader = (name: string, value: string | undefined) => {
  const { [name]: _old, ...others } = headers('OrderCreated', 1);
  return { headers: value === undefined ? others : { ...others, [name]: Buffer.from(value) } };
};

describe('a message', () => {
  it('is read as the input that rules get', () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const message = record('OrderCreated', data, 3, {
      headers: { ...headers('OrderCreated', 3), traceparent: Buffer.from(traceparent) },
    });
    expect(read(message)).toMatchObject({
      key: data.orderId,
      sequence: 3,
      reading: {
        result: 'input',
        input: {
          kind: 'event',
          name: 'OrderCreated',
          key: data.orderId,
          data,
          sequence: 3,
          time: createdAt,
          id: message.headers['ce_id']?.toString(),
          correlationId: 'correlation-1',
          traceparent,
        },
      },
    });
  });

  it('that nobody reads is not decoded, but it must be in its topic', () => {
    const unread = { OrderCreated: 'nobody needs it' };
    const cut = record('OrderCreated', data, 1, { value: wire(idOf('OrderCreated'), Buffer.of(1)) });
    expect(read(cut, unread).reading).toEqual({
      result: 'unread',
      name: 'OrderCreated',
      reason: 'nobody needs it',
    });
    expect(read({ ...cut, topic: 'payments.events' }, unread).reading.result).toBe('failed');
  });

  it('lingers if the service does not read it or has it listed, as nobody waits for it then', () => {
    const lingers = (
      reactor: Pick<Reactor<never, never>, 'unread' | 'lingering'>,
      message = record('OrderCreated', data, 1),
    ) => createMessageItem(message, codec, reactor, () => undefined).lingers;
    expect(lingers({ unread: { OrderCreated: 'nobody needs it' } })).toBe(true);
    expect(lingers({ lingering: ['OrderConfirmed', 'OrderCreated'] })).toBe(true);
    expect(lingers({})).toBe(false);
    expect(lingers({ unread: { PaymentCompleted: 'nobody needs it' }, lingering: ['OrderConfirmed'] })).toBe(
      false,
    );
    const cut = record('OrderCreated', data, 1, { value: encode('OrderCreated', data).subarray(0, -2) });
    expect(lingers({ lingering: ['OrderCreated'] }, cut)).toBe(false);
    const keyless = record('OrderCreated', data, 1, { key: null });
    expect(lingers({ unread: { OrderCreated: 'nobody needs it' } }, keyless)).toBe(false);
  });

  it.each<[string, Partial<ConsumedRecord>, string]>([
    ['in another topic', { topic: 'payments.events' }, 'WRONG_TOPIC'],
    ['under a key that is not the one in it', { key: Buffer.from('other') }, 'WRONG_KEY'],
    ['without a key', { key: null }, 'WRONG_KEY'],
    ['of an unknown schema', { value: wire(9_999, Buffer.of(1)) }, 'UNKNOWN_SCHEMA'],
    ['that is a tombstone', { value: null }, 'UNDECODABLE'],
    ['without headers', { headers: {} }, 'BAD_HEADERS'],
    ['without an id', withHeader('ce_id', undefined), 'BAD_HEADERS'],
    ['with an id as long as a novel', withHeader('ce_id', 'x'.repeat(1_000)), 'BAD_HEADERS'],
    ['without a time', withHeader('ce_time', 'yesterday'), 'BAD_HEADERS'],
    ['without a sequence', withHeader('ce_sequence', undefined), 'BAD_HEADERS'],
    ['with sequence 0', withHeader('ce_sequence', '0'), 'BAD_HEADERS'],
    ['with half a sequence', withHeader('ce_sequence', '1.5'), 'BAD_HEADERS'],
    ['with a sequence beyond all counting', withHeader('ce_sequence', '9999999999'), 'BAD_HEADERS'],
  ])('%s is poison', (_what, overrides, code) => {
    expect(codeOf(record('OrderCreated', data, 1, overrides))).toBe(code);
  });

  it('keeps the order of its key by a text, whatever bytes the key is', () => {
    const keyOf = (key: Buffer | null) => read(record('OrderCreated', data, 1, { key })).key;
    expect(keyOf(null)).toBe('');
    expect(keyOf(Buffer.from('SKU-1'))).toBe('SKU-1');
    expect(keyOf(Buffer.of(0xff, 0x00))).toBe('hex:ff00');
    expect(keyOf(Buffer.from('a\0b'))).toBe('hex:610062');
    expect(keyOf(Buffer.from('k'.repeat(10_000))).length).toBeLessThan(300);
  });

  it('is read from any valid bytes of its own event, and only of that one', () => {
    const { orderId } = data;
    const confirmed = { orderId, shipmentId: orderId, confirmedAt: createdAt };
    const value = wire(idOf('OrderConfirmed'), typeFor(schemaOf('OrderConfirmed')).toBuffer(confirmed));
    expect(read(record('OrderCreated', data, 1, { value })).reading).toMatchObject({
      input: { name: 'OrderConfirmed', data: confirmed },
    });
  });
});
