import type { CancelReason, EventName } from '@skald/contracts';
import { createOrderRequest, type OrderRequest, type PlacedOrder, waitForRest } from '@skald/testkit';
import { describe, expect, it } from 'vitest';
import { addresses, eventsOf, expectInvariants, expectMails, moneyKept, namesOf, shop } from './system.ts';

const accepted: string[] = [];

/** Places the order, waits for its end and for all that follows from it. */
async function playToTheEnd(overrides: Partial<OrderRequest>) {
  const placed = await shop.placeOrder(overrides);
  accepted.push(placed.orderId);
  await shop.waitForEnd(placed.orderId);
  await waitForRest(addresses, [placed.orderId]);
  return { placed, order: await shop.getOrder(placed.orderId) };
}

const unserviceable = { ...createOrderRequest().shippingAddress, postalCode: '00000' };

interface Refused {
  readonly what: string;
  readonly reason: CancelReason;
  /** Of its own, so that its stock says what became of this order alone. */
  readonly sku: string;
  readonly overrides: Partial<OrderRequest>;
  readonly events: readonly EventName[];
  readonly isCharged: boolean;
}

const declined = {
  reason: 'PAYMENT_DECLINED',
  events: ['StockReserved', 'PaymentFailed', 'StockReservationCancelled'],
  isCharged: false,
} as const;

const refused: readonly Refused[] = [
  {
    what: 'is out of stock',
    reason: 'OUT_OF_STOCK',
    sku: 'SKU-1000',
    overrides: {},
    events: ['StockReservationFailed'],
    isCharged: false,
  },
  { ...declined, what: 'is declined', sku: 'SKU-0101', overrides: { paymentMethod: 'tok_chargeDeclined' } },
  {
    ...declined,
    what: 'is declined for want of money',
    sku: 'SKU-0102',
    overrides: { paymentMethod: 'tok_insufficientFunds' },
  },
  { ...declined, what: 'is paid by what is no token', sku: 'SKU-0103', overrides: { paymentMethod: 'gold' } },
  {
    what: "can't be delivered",
    reason: 'ADDRESS_UNSERVICEABLE',
    sku: 'SKU-0104',
    overrides: { shippingAddress: unserviceable },
    events: [
      'StockReserved',
      'PaymentCompleted',
      'ShipmentFailed',
      'StockReservationCancelled',
      'PaymentRefunded',
    ],
    isCharged: true,
  },
];

describe.concurrent('An order that goes through', () => {
  it.each([
    ['tok_visa', 'SKU-0111'],
    ['tok_processingError', 'SKU-0112'],
    ['tok_timeout', 'SKU-0113'],
    ['tok_slow', 'SKU-0114'],
  ])('with %s is reserved, charged once, shipped, and told of by two mails', async (paymentMethod, sku) => {
    const before = await shop.stock(sku);
    const { placed, order } = await playToTheEnd({ items: [{ sku, quantity: 3 }], paymentMethod });

    expect(order).toMatchObject({ status: 'CONFIRMED', version: 2, currency: 'EUR' });
    expect(order.totalAmount).toBe(3 * (order.items[0]?.unitPrice ?? Number.NaN));
    expect(await shop.stock(sku)).toEqual({
      ...before,
      onHand: before.onHand - 3,
      shipped: before.shipped + 3,
    });
    expect(await shop.charges(placed.orderId)).toMatchObject([
      { amount: order.totalAmount, currency: 'EUR', status: 'succeeded', refundedAmount: 0 },
    ]);
    expect(namesOf(await eventsOf(placed.orderId))).toEqual(
      [
        'OrderCreated',
        'OrderContact',
        'StockReserved',
        'PaymentCompleted',
        'ShipmentScheduled',
        'OrderConfirmed',
        'StockShipped',
        'ShipmentDispatched',
        'EmailNotification',
        'EmailNotification',
        'MailSent',
        'MailSent',
      ].sort(),
    );
    await expectMails(placed, 'CONFIRMED');
    await expectTheMailsToSayWhatTheOrderSays(placed);
  });

  it('of several products is reserved as a whole, and costs their sum', async () => {
    const items = [
      { sku: 'SKU-0121', quantity: 2 },
      { sku: 'SKU-0122', quantity: 5 },
    ];
    const { order } = await playToTheEnd({ items });
    expect(order.status).toBe('CONFIRMED');
    expect(order.items.map(({ sku, quantity }) => ({ sku, quantity }))).toEqual(items);
    expect(order.totalAmount).toBe(
      order.items.reduce((total, { quantity, unitPrice }) => total + quantity * unitPrice, 0),
    );
    expect(await moneyKept(order.orderId)).toBe(order.totalAmount);
  });

  async function expectTheMailsToSayWhatTheOrderSays({ orderId, request }: PlacedOrder): Promise<void> {
    for (const mail of await shop.mails(request.email)) {
      expect(mail.text).toContain(orderId);
      expect(mail.html).toContain(orderId);
      expect(mail.text).toContain(request.shippingAddress.name);
    }
  }
});

describe.concurrent('An order that', () => {
  it.each(refused.map((row) => [row.what, row.reason, row] as const))(
    '%s is cancelled for %s, and leaves nothing behind',
    async (_what, _reason, row) => {
      const { sku, overrides, reason, events, isCharged } = row;
      const before = await shop.stock(sku);
      const { placed, order } = await playToTheEnd({ items: [{ sku, quantity: 4 }], ...overrides });

      expect(order).toMatchObject({ status: 'CANCELLED', reason, version: 2 });
      expect(await shop.stock(sku)).toEqual(before);
      expect(await moneyKept(placed.orderId)).toBe(0);
      expect(await shop.charges(placed.orderId)).toHaveLength(isCharged ? 1 : 0);
      const always = ['OrderCreated', 'OrderContact', 'OrderCancelled'] as const;
      const mailed = ['EmailNotification', 'EmailNotification', 'MailSent', 'MailSent'] as const;
      expect(namesOf(await eventsOf(placed.orderId))).toEqual([...always, ...mailed, ...events].sort());
      const mails = await expectMails(placed, 'CANCELLED');
      expect(mails.every(({ text }) => text.includes(placed.orderId))).toBe(true);
    },
  );

  it('lacks one of its products reserves none of the others', async () => {
    const before = await shop.stock('SKU-0123');
    const { order } = await playToTheEnd({
      items: [
        { sku: 'SKU-0123', quantity: 1 },
        { sku: 'SKU-1000', quantity: 1 },
      ],
    });
    expect(order).toMatchObject({ status: 'CANCELLED', reason: 'OUT_OF_STOCK' });
    expect(await shop.stock('SKU-0123')).toEqual(before);
  });
});

describe('After all of them', () => {
  it('everything adds up', () => expectInvariants(accepted), 90_000);
});
