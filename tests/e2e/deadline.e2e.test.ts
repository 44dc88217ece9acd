import { waitForRest } from '@skald/testkit';
import { describe, expect, it } from 'vitest';
import {
  addresses,
  eventsOf,
  expectInvariants,
  expectMails,
  moneyKept,
  namesOf,
  shop,
  whileDown,
} from './system.ts';

/** The deadline and a good deal more, ms. */
const patience = { timeoutMs: 90_000 };

describe('An order whose saga hangs', () => {
  it('is cancelled by its deadline, and everything that was done is undone', async () => {
    const sku = 'SKU-0301';
    const before = await shop.stock(sku);
    const placed = await whileDown('shipping', async () => {
      const order = await shop.placeOrder({ items: [{ sku, quantity: 6 }] });
      await shop.waitForOrder(order.orderId, ({ history }) =>
        history.some(({ event }) => event === 'PaymentCompleted'),
      );
      expect(await moneyKept(order.orderId)).toBeGreaterThan(0);
      expect((await shop.stock(sku)).reserved).toBe(before.reserved + 6);
      await shop.waitForEnd(order.orderId, patience);
      return order;
    });

    await waitForRest(addresses, [placed.orderId]);
    expect(await shop.getOrder(placed.orderId)).toMatchObject({
      status: 'CANCELLED',
      reason: 'DEADLINE_PASSED',
      version: 2,
    });
    expect(await shop.stock(sku)).toEqual(before);
    expect(await moneyKept(placed.orderId)).toBe(0);
    expect(namesOf(await eventsOf(placed.orderId))).toEqual(
      expect.arrayContaining(['OrderCancelled', 'PaymentRefunded', 'StockReservationCancelled']),
    );
    const mails = await expectMails(placed, 'CANCELLED');
    expect(mails).toHaveLength(2);
  }, 180_000);

  it('leaves everything adding up', () => expectInvariants(), 90_000);
});
