import { waitForRest } from '@skald/testkit';
import { describe, expect, it } from 'vitest';
import { addresses, expectInvariants, moneyKept, shop } from './system.ts';

const sku = 'SKU-0999';
const orders = 200;
const pieces = 100;

describe(`${orders} orders at once for the last ${pieces} of a product`, () => {
  const accepted: string[] = [];

  it('sell a hundred, and not one more', async () => {
    // As at the start, whichever test has run before.
    await shop.setStock(sku, pieces);
    const before = await shop.stock(sku);
    const items = [{ sku, quantity: 1 }];
    const placed = await Promise.all(Array.from({ length: orders }, () => shop.placeOrder({ items })));
    accepted.push(...placed.map(({ orderId }) => orderId));
    expect(new Set(accepted).size).toBe(orders);

    await waitForRest(addresses, accepted);
    const ended = await Promise.all(accepted.map((orderId) => shop.getOrder(orderId)));
    const confirmed = ended.filter(({ status }) => status === 'CONFIRMED');
    expect(confirmed).toHaveLength(pieces);
    expect(ended.filter(({ reason }) => reason === 'OUT_OF_STOCK')).toHaveLength(orders - pieces);
    const kept = await Promise.all(confirmed.map(({ orderId }) => moneyKept(orderId)));
    expect(kept).toEqual(confirmed.map(({ totalAmount }) => totalAmount));

    await expectInvariants(accepted);
    expect(await shop.stock(sku)).toEqual({
      sku,
      onHand: 0,
      reserved: 0,
      shipped: before.shipped + pieces,
    });
  }, 120_000);
});
