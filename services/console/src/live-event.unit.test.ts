import { topics } from '@skald/contracts';
import { describe, expect, it } from 'vitest';
import { describeRecord, orderTopics } from './live-event.ts';

const record = {
  topic: 'payments.events',
  partition: 3,
  offset: 17,
  timestamp: 2_000,
  key: Buffer.from('an-order'),
  value: Buffer.from('what it says'),
  headers: Object.fromEntries(
    Object.entries({
      ce_type: 'PaymentCompleted',
      ce_id: 'an-id',
      ce_time: '1970-01-01T00:00:01.500Z',
      ce_sequence: '2',
      ce_causationid: 'a-cause',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    }).map(([name, value]) => [name, Buffer.from(value)]),
  ),
};

describe('a record', () => {
  it('is told by its headers and its place, without what it says', () => {
    expect(describeRecord(record)).toEqual({
      topic: 'payments.events',
      partition: 3,
      offset: 17,
      key: 'an-order',
      event: 'PaymentCompleted',
      service: 'payment',
      sequence: 2,
      at: 1_500,
      recordedAt: 2_000,
      id: 'an-id',
      causationId: 'a-cause',
      traceId: '0af7651916cd43dd8448eb211c80319c',
    });
  });

  it('is told as far as possible where its headers are wrong', () => {
    const headers = {
      ce_sequence: Buffer.from('two'),
      ce_time: Buffer.from('soon'),
      traceparent: Buffer.from('x'),
    };
    expect(describeRecord({ ...record, headers })).toMatchObject({
      event: 'unknown',
      sequence: null,
      at: 2_000,
      id: null,
      traceId: null,
    });
  });

  it('of a topic that is not about orders, or without a key, is none of ours', () => {
    expect(describeRecord({ ...record, topic: 'inventory.products' })).toBeUndefined();
    expect(describeRecord({ ...record, key: null })).toBeUndefined();
  });

  it('comes from every topic that a service of the saga writes about orders', () => {
    expect([...orderTopics].sort()).toEqual(
      Object.values(topics)
        .filter(({ name }) =>
          /^(?:orders\.(?:events|contacts)|outbox|inventory\.events|payments|shipping|email)/.test(name),
        )
        .map(({ name }) => name)
        .sort(),
    );
  });
});
