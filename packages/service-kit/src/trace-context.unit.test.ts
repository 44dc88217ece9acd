import { describe, expect, test } from 'vitest';
import { correlationIdOf, createTraceparent, parseTraceparent, traceOf } from './trace-context.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const given = `00-${traceId}-b7ad6b7169203331-01`;

describe('traceparent', () => {
  test('is taken from the caller', () => {
    expect(parseTraceparent(given)).toEqual({ traceparent: given, traceId });
  });

  test('of a later version is read as far as version 00 goes', () => {
    expect(parseTraceparent(`cc${given.slice(2)}-what-the-future-brings`)).toEqual({
      traceparent: given,
      traceId,
    });
  });

  test.each([
    undefined,
    '',
    'nonsense',
    given.toUpperCase(),
    given.slice(0, -1),
    `${given}-more`,
    `ff${given.slice(2)}`,
    `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    [given, given],
  ])('that is invalid is dropped: %s', (header) => {
    expect(parseTraceparent(header)).toBeUndefined();
  });

  test('of our own is valid, unique, and says that it is not recorded', () => {
    const made = Array.from({ length: 1_000 }, createTraceparent);
    for (const { traceparent, traceId: id } of made) {
      expect(parseTraceparent(traceparent)).toEqual({ traceparent, traceId: id });
      expect(traceparent).toMatch(/-00$/);
    }
    expect(new Set(made.map(({ traceId: id }) => id)).size).toBe(1_000);
  });
});

describe('correlation id', () => {
  test('is taken from the caller, else a new UUID', () => {
    expect(correlationIdOf('checkout-42')).toBe('checkout-42');
    expect(correlationIdOf(undefined)).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
  });

  test.each(['', 'with blank', 'line\nbreak', 'x'.repeat(129), 'Köln', '"}'])(
    'is not taken if it is %j',
    (header) => {
      expect(correlationIdOf(header)).not.toBe(header);
    },
  );
});

test('a request without headers has a trace all the same', () => {
  const trace = traceOf({});
  expect(trace.traceparent).toContain(trace.traceId);
  expect(trace.correlationId).not.toBe('');
});
