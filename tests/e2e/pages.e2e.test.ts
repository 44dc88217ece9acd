import { ask, createCustomer, type OrderSummary, type ProblemView, send } from '@skald/testkit';
import { describe, expect, it } from 'vitest';
import { addresses, shop } from './system.ts';

interface Page {
  readonly orders: readonly OrderSummary[];
  readonly nextCursor: string | null;
}

const url = (service: string, path: string) => `${addresses.services[service]}${path}`;

async function readPages(query: Record<string, string>): Promise<Page[]> {
  const pages: Page[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const search = new URLSearchParams({ ...query, ...(cursor && { cursor }) });
    const page: Page = await ask<Page>(url('order', `/orders?${search.toString()}`));
    pages.push(page);
    cursor = page.nextCursor;
  }
  return pages;
}

describe('GET /orders', () => {
  it("goes through a customer's orders page by page, newest first, each once", async () => {
    const customer = createCustomer();
    const placed: string[] = [];
    for (let count = 0; count < 5; count += 1) placed.push((await shop.placeOrder(customer)).orderId);

    const pages = await readPages({ customerId: customer.customerId, limit: '2' });
    expect(pages.map(({ orders }) => orders.length)).toEqual([2, 2, 1]);
    expect(pages.flatMap(({ orders }) => orders.map(({ orderId }) => orderId))).toEqual(placed.reverse());
  });

  it('filters by status and customer at once', async () => {
    const customer = createCustomer();
    const confirmed = await shop.placeOrder(customer);
    const declined = await shop.placeOrder({ ...customer, paymentMethod: 'tok_chargeDeclined' });
    await Promise.all([confirmed, declined].map(({ orderId }) => shop.waitForEnd(orderId)));

    const { customerId } = customer;
    const found = await shop.listOrders({ customerId, status: 'CANCELLED' });
    expect(found).toMatchObject([{ orderId: declined.orderId, reason: 'PAYMENT_DECLINED', version: 2 }]);
    expect(await shop.listOrders({ customerId, status: 'PENDING' })).toEqual([]);
  });

  it.each([
    ['a limit of none', 'limit=0', 'query/limit'],
    ['too large a limit', 'limit=1000', 'query/limit'],
    ['a status that there is none', 'status=LOST', 'query/status'],
    ["a cursor that isn't ours", 'cursor=elsewhere', 'query/cursor'],
    ['an unknown parameter', 'order=asc', 'query/order'],
  ])('refuses %s', async (_what, query, pointer) => {
    const answer = await send<ProblemView>(url('order', `/orders?${query}`));
    expect(answer.status).toBe(400);
    expect(answer.body.errors?.[0]?.pointer).toBe(pointer);
  });
});

describe('GET /orders/{orderId}', () => {
  it('tells what happened to the order, by whom, in the order of time', async () => {
    const { orderId } = await shop.placeOrder();
    const { history } = await shop.waitForOrder(
      orderId,
      (order) => order.history.filter(({ event }) => event === 'MailSent').length === 2,
    );
    const told = history.filter(({ service }) => service !== 'email').map(({ event }) => event);
    expect(told.slice(0, 5)).toEqual([
      'OrderCreated',
      'StockReserved',
      'PaymentCompleted',
      'ShipmentScheduled',
      'OrderConfirmed',
    ]);
    expect(told.slice(5).sort()).toEqual(['ShipmentDispatched', 'StockShipped']);
    const times = history.map(({ at }) => at);
    expect(times).toEqual([...times].sort());
  });

  it.each([
    ['nobody placed', '01900000-0000-7000-8000-000000000000', 404],
    ['can be none', 'first', 400],
    ['is an injection', "1'%20OR%20'1'='1", 400],
  ])('answers a problem for an order that %s', async (_what, orderId, status) => {
    const answer = await send<ProblemView>(url('order', `/orders/${orderId}`));
    expect(answer).toMatchObject({ status, body: { status } });
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  });
});

describe('The other services', () => {
  it("show an order's payment, shipment and mails, and nothing that says who the customer is", async () => {
    const { orderId, request } = await shop.placeOrder();
    await shop.waitForOrder(
      orderId,
      ({ history }) =>
        history.filter(({ event }) => event === 'MailSent').length === 2 &&
        history.some(({ event }) => event === 'ShipmentDispatched'),
    );
    const [payment, shipment, mails] = await Promise.all([
      send(url('payment', `/payments/${orderId}`)),
      send(url('shipping', `/shipments/${orderId}`)),
      send(url('email', `/mails/${orderId}`)),
    ]);
    expect(payment.body).toMatchObject({ orderId, status: 'completed', currency: 'EUR' });
    expect(shipment.body).toMatchObject({ orderId, status: 'dispatched' });
    expect(mails.body).toMatchObject([{ status: 'sent' }, { status: 'sent' }]);
    for (const { text } of [payment, shipment, mails]) {
      expect(text).not.toContain(request.email);
      expect(text).not.toContain(request.shippingAddress.name);
      expect(text).not.toContain(request.shippingAddress.street);
    }
  });

  it.each(['order', 'inventory', 'payment', 'shipping', 'email'])(
    '%s: alive, ready, measured, documented; a problem for what it does not have',
    async (service) => {
      const statuses = await Promise.all(
        ['/livez', '/readyz', '/metrics', '/docs', '/no-such-thing'].map(async (path) => {
          const answer = await send(url(service, path));
          return [path, answer.status];
        }),
      );
      expect(Object.fromEntries(statuses)).toEqual({
        '/livez': 200,
        '/readyz': 200,
        '/metrics': 200,
        '/docs': 200,
        '/no-such-thing': 404,
      });
    },
  );
});

describe('PUT /stock/{sku}', () => {
  it('sets what is on hand, and leaves what is reserved and shipped', async () => {
    const sku = 'SKU-0501';
    const before = await shop.stock(sku);
    const after = await shop.setStock(sku, 12);
    expect(after).toEqual({ ...before, onHand: 12 });
    expect(await shop.stock(sku)).toEqual(after);
  });

  it.each([
    ['a negative count', { onHand: -1 }, 400],
    ['"3" for 3', { onHand: '3' }, 400],
    ['half a piece', { onHand: 1.5 }, 400],
    ['an unknown key', { onHand: 1, reserved: 0 }, 400],
    ['nothing', {}, 400],
  ])('refuses %s, and changes nothing', async (_what, body, status) => {
    const before = await shop.stock('SKU-0502');
    const answer = await send(url('inventory', '/stock/SKU-0502'), { method: 'PUT', body });
    expect(answer.status).toBe(status);
    expect(await shop.stock('SKU-0502')).toEqual(before);
  });

  it('of a SKU that nobody sells is a 404', async () => {
    const answer = await send(url('inventory', '/stock/SKU-9999'), { method: 'PUT', body: { onHand: 1 } });
    expect(answer.status).toBe(404);
  });
});
