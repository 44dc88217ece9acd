import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packRecord } from '../tests/pack-record.ts';
import { readRecord } from './entry.ts';
import { createHeaderWriter, type EnvelopeToWrite, parseHeaders, sequenceOf } from './envelope.ts';
import { PoisonError } from './errors.ts';

const envelope: fc.Arbitrary<EnvelopeToWrite> = fc.record({
  id: fc.uuid(),
  name: fc.constant('OrderCreated' as const),
  sequence: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  time: fc.integer({ min: 0, max: 4_102_444_800_000 }),
  correlationId: fc.string({ minLength: 1, maxLength: 64 }),
  causationId: fc.uuid(),
  traceparent: fc.option(fc.constant('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'), {
    nil: undefined,
  }),
});

const travel = (written: EnvelopeToWrite) => {
  const { headers, fixed } = createHeaderWriter('/skald/order')(written);
  return readRecord(packRecord('t', 'k', null, headers, fixed)).headers;
};

describe('the envelope', () => {
  it('comes through as it was written', () => {
    fc.assert(
      fc.property(envelope, (written) => {
        const { name: _name, causationId: _causation, ...read } = written;
        expect(parseHeaders({ headers: travel(written) })).toEqual(read);
        expect(sequenceOf({ headers: travel(written) })).toBe(written.sequence);
      }),
    );
  });

  it('follows the CloudEvents binding for Kafka', () => {
    const [written] = fc.sample(envelope, 1);
    if (written === undefined) throw new Error('no sample');
    const texts = Object.fromEntries(
      Object.entries(travel(written)).map(([name, value]) => [name, value.toString()]),
    );
    expect(texts).toMatchObject({
      ce_specversion: '1.0',
      ce_type: 'OrderCreated',
      ce_source: '/skald/order',
      ce_id: written.id,
      ce_time: new Date(written.time).toISOString(),
      ce_causationid: written.causationId,
      'content-type': 'application/avro',
    });
  });

  it('that came from elsewhere, with any headers, is read or is poison', () => {
    const anything = fc.dictionary(
      fc.constantFrom('ce_id', 'ce_sequence', 'ce_time', 'ce_correlationid', 'traceparent', 'other'),
      fc
        .oneof(fc.string(), fc.constantFrom('1', '-1', '1e3', '2026-01-31T00:00:00Z', ''))
        .map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(anything, (headers) => {
        try {
          expect(parseHeaders({ headers }).sequence).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(PoisonError);
        }
      }),
    );
  });

  it('gives its id for a correlation where there is none', () => {
    const headers = Object.fromEntries(
      Object.entries({ ce_id: 'a', ce_sequence: '1', ce_time: '2026-01-31T00:00:00Z' }).map(
        ([name, value]) => [name, Buffer.from(value)],
      ),
    );
    expect(parseHeaders({ headers })).toMatchObject({ correlationId: 'a', traceparent: undefined });
  });
});
