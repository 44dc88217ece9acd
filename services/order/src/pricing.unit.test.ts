import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { greatestAmount, type Product, price } from './pricing.ts';

const products: Record<string, Product> = Object.fromEntries(
  (
    [
      ['SKU-1', 'Lamp', 1_299],
      ['SKU-2', 'Bulb', 99],
      ['SKU-3', 'Palace', greatestAmount],
    ] as const
  ).map(([sku, name, amount]) => [sku, { sku, name, unitPrice: { amount, currency: 'EUR' } }]),
);
const productOf = (sku: string) => products[sku];

describe('pricing', () => {
  it('gives each item the name and price of the catalogue, and sums up', () => {
    const items = [
      { sku: 'SKU-1', quantity: 2 },
      { sku: 'SKU-2', quantity: 10 },
    ];
    expect(price(items, productOf)).toEqual({
      lines: [
        { sku: 'SKU-1', name: 'Lamp', quantity: 2, unitPrice: { amount: 1_299, currency: 'EUR' } },
        { sku: 'SKU-2', name: 'Bulb', quantity: 10, unitPrice: { amount: 99, currency: 'EUR' } },
      ],
      total: { amount: 3_588, currency: 'EUR' },
    });
  });

  it('names every SKU that is not in the catalogue, and where it stands', () => {
    const items = ['SKU-9', 'SKU-1', 'SKU-8'].map((sku) => ({ sku, quantity: 1 }));
    expect(price(items, productOf)).toEqual({
      objections: [
        { pointer: '#/items/0/sku', detail: 'SKU-9 is not in the catalogue' },
        { pointer: '#/items/2/sku', detail: 'SKU-8 is not in the catalogue' },
      ],
    });
  });

  it('refuses a SKU that comes twice, at its second place', () => {
    const items = ['SKU-1', 'SKU-2', 'SKU-1'].map((sku) => ({ sku, quantity: 1 }));
    expect(price(items, productOf)).toMatchObject({ objections: [{ pointer: '#/items/2/sku' }] });
  });

  it('allows the greatest total, and not a cent more', () => {
    expect(price([{ sku: 'SKU-3', quantity: 1 }], productOf)).toMatchObject({
      total: { amount: greatestAmount },
    });
    const tooMuch = [
      { sku: 'SKU-3', quantity: 1 },
      { sku: 'SKU-2', quantity: 1 },
    ];
    expect(price(tooMuch, productOf)).toMatchObject({ objections: [{ pointer: '#/items' }] });
    expect(price([{ sku: 'SKU-3', quantity: 10_000 }], productOf)).toHaveProperty('objections');
  });

  it('is exact for all prices and quantities that are allowed', () => {
    const line = fc.record({
      amount: fc.nat({ max: greatestAmount }),
      quantity: fc.integer({ min: 1, max: 10_000 }),
    });
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 100 }), (wanted) => {
        const shop = new Map(
          wanted.map(({ amount }, i) => [
            `S${i}`,
            { sku: `S${i}`, name: 'x', unitPrice: { amount, currency: 'EUR' } },
          ]),
        );
        const items = wanted.map(({ quantity }, i) => ({ sku: `S${i}`, quantity }));
        const exact = wanted.reduce(
          (sum, { amount, quantity }) => sum + BigInt(amount) * BigInt(quantity),
          0n,
        );
        const pricing = price(items, (sku) => shop.get(sku));
        expect('total' in pricing).toBe(exact <= BigInt(greatestAmount));
        if ('total' in pricing) expect(BigInt(pricing.total.amount)).toBe(exact);
      }),
    );
  });
});
