import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Samples } from './samples.ts';

const of = (values: readonly number[]): Samples => {
  const samples = new Samples();
  for (const value of values) samples.add(value);
  return samples;
};

describe('samples', () => {
  it('answers the nearest rank', () => {
    const samples = of(Array.from({ length: 100 }, (_, index) => 100 - index));
    expect(samples.percentiles()).toEqual({ count: 100, p50: 50, p90: 90, p99: 99, max: 100 });
  });

  it('has no percentile without samples', () => {
    expect(of([]).percentile(0.5)).toBeNaN();
  });

  it('answers one sample for every percentile', () => {
    expect(of([7]).percentiles()).toEqual({ count: 1, p50: 7, p90: 7, p99: 7, max: 7 });
  });

  it('sorts again after more samples came', () => {
    const samples = of([3, 1, 2]);
    expect(samples.percentile(1)).toBe(3);
    samples.add(0);
    expect(samples.percentile(0.01)).toBe(0);
  });

  it('keeps every sample however many come', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 5_000 }),
        (values) => {
          const samples = of(values);
          expect(samples.percentile(0)).toBe(Math.min(...values));
          expect(samples.percentile(1)).toBe(Math.max(...values));
        },
      ),
      { numRuns: 25 },
    );
  });
});
