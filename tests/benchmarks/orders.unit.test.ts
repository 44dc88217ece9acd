import { describe, expect, it } from 'vitest';
import { bodyOf, linesOf } from './orders.ts';

describe('the orders of a benchmark', () => {
  const orders = Array.from({ length: 20_000 }, (_, index) => linesOf(index));

  it('are the same on every run', () => {
    expect(bodyOf(17)).toBe(bodyOf(17));
    expect(linesOf(17)).toEqual(linesOf(17));
  });

  it('name each SKU once, and only plentiful ones', () => {
    const repeating = orders.filter((lines) => new Set(lines.map((line) => line.sku)).size < lines.length);
    expect(repeating).toEqual([]);
    const skus = [...new Set(orders.flat().map((line) => line.sku))].sort();
    expect([skus.at(0), skus.at(-1)]).toEqual(['SKU-0001', 'SKU-0998']);
  });

  it('spread over the catalogue, two lines an order', () => {
    const lines = orders.flat();
    expect(lines.length / orders.length).toBeCloseTo(2, 1);
    expect(new Set(lines.map((line) => line.sku)).size).toBe(998);
  });
});
