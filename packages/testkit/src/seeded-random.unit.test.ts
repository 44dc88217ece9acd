import { describe, expect, it } from 'vitest';
import { createSeededRandom } from './seeded-random.ts';

const draw = (seed: number, count: number): number[] => {
  const random = createSeededRandom(seed);
  return Array.from({ length: count }, () => random.next());
};

describe('a seeded random', () => {
  it('says the same for the same seed, and something else for another', () => {
    expect(draw(7, 20)).toEqual(draw(7, 20));
    expect(draw(7, 20)).not.toEqual(draw(8, 20));
  });

  it('spreads over its range', () => {
    const random = createSeededRandom(1);
    const counts = new Map<number, number>();
    for (let turn = 0; turn < 5_000; turn += 1) {
      const value = random.int(3, 8);
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual([3, 4, 5, 6, 7]);
    for (const count of counts.values()) expect(count).toBeGreaterThan(800);
  });

  it('shuffles without losing or inventing any', () => {
    const items = Array.from({ length: 50 }, (_, index) => index);
    const shuffled = createSeededRandom(3).shuffled(items);
    expect(shuffled).not.toEqual(items);
    expect([...shuffled].sort((a, b) => a - b)).toEqual(items);
  });

  it('refuses to pick from nothing', () => {
    expect(() => createSeededRandom(1).pick([])).toThrow(RangeError);
  });
});
