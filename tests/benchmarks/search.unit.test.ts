import { describe, expect, it } from 'vitest';
import { findHighest, roundRate } from './search.ts';

/** A system that holds `capacity` for a minute, and a little more in a short run. */
function system(capacity: number, flattery = 1) {
  const probes: number[] = [];
  const verdicts: number[] = [];
  const options = {
    limit: 10_000,
    precision: 0.05,
    probe: async (rate: number) => {
      probes.push(rate);
      return { flat: rate <= capacity * flattery };
    },
    verdict: async (rate: number) => {
      verdicts.push(rate);
      return { flat: rate <= capacity };
    },
  };
  return { probes, verdicts, options };
}

describe('the search for the highest rate', () => {
  it.each([1, 3, 42, 184, 777, 1_500, 3_100])(
    'finds %d orders/s to within its precision',
    async (capacity) => {
      const { options, probes } = system(capacity);
      const found = await findHighest({ ...options, start: 200 });
      expect(found?.rate).toBeLessThanOrEqual(capacity);
      expect(found?.rate).toBeGreaterThan(capacity * 0.9 - 3);
      expect(new Set(probes).size).toBeLessThan(16);
    },
  );

  it('steps down while the long run refutes what the short ones said', async () => {
    const { options, verdicts } = system(1_000, 1.3);
    const found = await findHighest({ ...options, start: 500 });
    expect(verdicts.length).toBeGreaterThan(1);
    expect(found?.rate).toBeLessThanOrEqual(1_000);
    expect(found?.rate).toBeGreaterThan(900);
  });

  it("isn't misled by one run that was disturbed", async () => {
    const { options, probes } = system(1_000);
    const probe = async (rate: number) => ({ flat: (await options.probe(rate)).flat && probes.length > 1 });
    const found = await findHighest({ ...options, probe, start: 500 });
    expect(found?.rate).toBeGreaterThan(900);
  });

  it('looks no higher than its limit', async () => {
    const { options, probes } = system(1e9);
    const found = await findHighest({ ...options, start: 500, limit: 1_000 });
    expect(found?.rate).toBe(1_000);
    expect(Math.max(...probes)).toBe(1_000);
  });

  it('finds nothing where nothing holds', async () => {
    const { options } = system(0);
    expect(await findHighest({ ...options, start: 100 })).toBeUndefined();
  });

  it('asks for readable rates', () => {
    expect([roundRate(0.2), roundRate(33.4), roundRate(1_337)]).toEqual([1, 33, 1_335]);
  });
});
