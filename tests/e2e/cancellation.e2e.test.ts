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

const accepted: string[] = [];

async function place(...[overrides]: Parameters<typeof shop.placeOrder>) {
  const placed = await shop.placeOrder(overrides);
  accepted.push(placed.orderId);
  return placed;
}

const saw = (event: string) => (order: { history: readonly { event: string }[] }) =>
  order.history.some((entry) => entry.event === event);

describe.concurrent("A customer's cancel", () => {
  it('while the charge is on its way takes everything back once the charge is known', async () => {
    const sku = 'SKU-0201';
    const before = await shop.stock(sku);
    const placed = await place({ items: [{ sku, quantity: 2 }], paymentMethod: 'tok_slow' });
    await shop.waitForOrder(placed.orderId, saw('StockReserved'));

    const answer = await shop.cancelOrder(placed.orderId);
    expect(answer.status).toBe(202);
    expect(answer.body).toMatchObject({ orderId: placed.orderId, status: 'CANCELLED' });

    await waitForRest(addresses, [placed.orderId]);
    expect(await shop.getOrder(placed.orderId)).toMatchObject({
      status: 'CANCELLED',
      reason: 'CANCELLED_BY_CUSTOMER',
    });
    expect(await shop.stock(sku)).toEqual(before);
    expect(await moneyKept(placed.orderId)).toBe(0);
    await expectMails(placed, 'CANCELLED');
  });

  it('at once, before anybody has reacted, leaves nothing behind either', async () => {
    const sku = 'SKU-0202';
    const before = await shop.stock(sku);
    const placed = await place({ items: [{ sku, quantity: 2 }], paymentMethod: 'tok_slow' });
    expect((await shop.cancelOrder(placed.orderId)).status).toBe(202);

    await waitForRest(addresses, [placed.orderId]);
    expect(await shop.stock(sku)).toEqual(before);
    expect(await moneyKept(placed.orderId)).toBe(0);
    await expectMails(placed, 'CANCELLED');
  });
});

describe("A customer's cancel", () => {
  it('of an order whose charge waits for the provider has it refunded as soon as it was made', async () => {
    const sku = 'SKU-0204';
    const before = await shop.stock(sku);
    const placed = await whileDown('payment-provider', async () => {
      const order = await place({ items: [{ sku, quantity: 2 }] });
      await shop.waitForOrder(order.orderId, saw('StockReserved'));
      expect((await shop.cancelOrder(order.orderId)).status).toBe(202);
      await shop.waitForOrder(order.orderId, saw('StockReservationCancelled'));
      return order;
    });

    await waitForRest(addresses, [placed.orderId]);
    const { history } = await shop.getOrder(placed.orderId);
    // Whether payment had asked for the charge by the time of the cancel is up to the race between two topics.
    expect(history.some(({ event }) => event === 'PaymentCompleted')).toBe(
      history.some(({ event }) => event === 'PaymentRefunded'),
    );
    expect(await shop.stock(sku)).toEqual(before);
    expect(await moneyKept(placed.orderId)).toBe(0);
    await expectMails(placed, 'CANCELLED');
  });

  it('that is paid refunds, releases and calls off, and the booking that comes later changes nothing', async () => {
    const sku = 'SKU-0203';
    const before = await shop.stock(sku);
    // The booking waits until the cancel is in.
    const placed = await whileDown('shipping', async () => {
      const order = await place({ items: [{ sku, quantity: 2 }] });
      await shop.waitForOrder(order.orderId, saw('PaymentCompleted'));
      expect((await shop.cancelOrder(order.orderId)).status).toBe(202);
      await shop.waitForOrder(order.orderId, saw('PaymentRefunded'));
      return order;
    });

    await waitForRest(addresses, [placed.orderId]);
    const [charge] = await shop.charges(placed.orderId);
    expect(charge).toMatchObject({ status: 'succeeded', refundedAmount: charge?.amount });
    expect(await shop.stock(sku)).toEqual(before);
    expect(namesOf(await eventsOf(placed.orderId))).toEqual(
      expect.arrayContaining(['PaymentCompleted', 'PaymentRefunded', 'StockReservationCancelled']),
    );
    await expectMails(placed, 'CANCELLED');
  });
});

describe('A cancel', () => {
  it('that comes twice is answered twice, and happens once', async () => {
    const placed = await place({ paymentMethod: 'tok_slow' });
    const answers = await Promise.all([shop.cancelOrder(placed.orderId), shop.cancelOrder(placed.orderId)]);
    expect(answers.map(({ status }) => status)).toEqual([202, 202]);
    await waitForRest(addresses, [placed.orderId]);
    const cancelled = (await eventsOf(placed.orderId)).filter(({ name }) => name === 'OrderCancelled');
    expect(cancelled).toHaveLength(1);
  });

  it('of a confirmed order is a 409, and changes nothing', async () => {
    const placed = await place();
    await shop.waitForEnd(placed.orderId);
    const answer = await shop.cancelOrder(placed.orderId);
    expect(answer.status).toBe(409);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.body).toMatchObject({ type: 'urn:skald:problem:order-confirmed', status: 409 });
    expect(await shop.getOrder(placed.orderId)).toMatchObject({ status: 'CONFIRMED', version: 2 });
  });

  it('of an order that nobody placed is a 404', async () => {
    expect((await shop.cancelOrder('01900000-0000-7000-8000-000000000000')).status).toBe(404);
  });
});

describe('After all of them', () => {
  it('everything adds up', () => expectInvariants(accepted), 90_000);
});
