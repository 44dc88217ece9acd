import { describe, expect, it } from 'vitest';
import { at, letter, resolution } from '../tests/given.ts';
import { parseRecord, wordsOf } from './dead-letter.ts';

const parseFailure = (...args: Parameters<typeof letter>) => {
  const change = parseRecord(letter(...args));
  if (change?.kind !== 'failure') throw new Error('it is a failure');
  return change;
};

describe('a dead letter', () => {
  it('says whose it is, where its message lies, and why', () => {
    expect(parseFailure({ attempts: 2, text: 'cut', headers: { traceparent: '00-1' } })).toMatchObject({
      group: 'payment',
      topic: 'orders.events',
      partition: 3,
      offset: 42,
      key: 'order-1',
      event: 'OrderCreated',
      errorCode: 'UNDECODABLE',
      errorText: 'cut',
      attempts: 2,
      firstFailedAt: at,
      headers: { ce_type: Buffer.from('OrderCreated').toString('base64') },
    });
  });

  it('keeps the very bytes, and the headers of the message alone', () => {
    const value = Buffer.of(0, 255, 0, 128);
    const { recordValue, headers } = parseFailure({ value, headers: { odd: Buffer.of(0, 255) } });
    expect(recordValue).toEqual(value);
    expect(headers['odd']).toBe('AP8=');
    expect(Object.keys(headers).filter((name) => name.startsWith('dlq_'))).toEqual([]);
  });

  it('has a key in hex where it is no text, and none where there is none', () => {
    expect(parseFailure({ key: Buffer.of(0xff, 0x00) }).key).toBe('hex:ff00');
    expect(parseFailure({ key: null }).key).toBe('');
  });

  it('can hold what Postgres could not', () => {
    const { errorText, words } = parseFailure({ text: 'a\0b', value: Buffer.from('x\0\ud800y') });
    expect(errorText).toBe('ab');
    expect(words).not.toMatch(/[\0\ud800-\udfff\ufffd]/);
  });

  it('that lacks its identity is none', () => {
    for (const missing of ['dlq_group', 'dlq_topic', 'dlq_partition', 'dlq_offset']) {
      const record = letter();
      const { [missing]: _gone, ...headers } = record.headers;
      expect(parseRecord({ ...record, headers })).toBeUndefined();
    }
    const record = letter();
    const headers = { ...record.headers, dlq_group: Buffer.from('stranger') };
    expect(parseRecord({ ...record, headers })).toBeUndefined();
  });
});

describe('a resolution', () => {
  it.each(['redriven', 'discarded'] as const)('says who has %s it, and why', (kind) => {
    expect(parseRecord(resolution(kind))).toMatchObject({
      kind: 'resolution',
      resolution: kind,
      by: 'ada',
      reason: 'fixed upstream',
      recordValue: null,
      at: at + 60_000,
    });
  });

  it('of an edit brings the new value', () => {
    expect(parseRecord(resolution('edited', { value: Buffer.from('new') }))).toMatchObject({
      resolution: 'edited',
      recordValue: Buffer.from('new'),
    });
  });

  it('that nobody knows is none', () => {
    const record = resolution('redriven');
    const headers = { ...record.headers, dlq_resolution: Buffer.from('eaten') };
    expect(parseRecord({ ...record, headers })).toBeUndefined();
  });
});

it('words are found in what is text among bytes, whatever their case', () => {
  const value = Buffer.concat([Buffer.of(0, 0, 0, 1, 200), Buffer.from('Ada Lovelace'), Buffer.of(3)]);
  expect(wordsOf(['Key', value])).toContain('ada lovelace');
});
