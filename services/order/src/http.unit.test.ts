import { type Kernel, type NewCommand, OverloadError, type Queryable } from '@skald/messaging';
import { createHttp } from '@skald/service-kit';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type Catalogue, createCatalogue } from './catalogue.ts';
import { routes } from './http.ts';
import type { CancelReply, PlaceReply } from './order.ts';

const orderId = '01980000-0000-7000-8000-000000000001';
const createdAt = 1_750_000_000_000;
const unitPrice = { amount: 1_299, currency: 'EUR' };
const created = {
  orderId,
  customerId: 'c-42',
  lines: [{ sku: 'SKU-0001', name: 'Lamp', quantity: 2, unitPrice }],
  total: { amount: 2_598, currency: 'EUR' },
  paymentMethod: 'tok_visa',
  createdAt,
};
const body = {
  customerId: 'c-42',
  email: 'ada@example.com',
  currency: 'EUR',
  items: [{ sku: 'SKU-0001', quantity: 2 }],
  shippingAddress: { name: 'Ada', street: 'Main 1', postalCode: '10115', city: 'Berlin', country: 'DE' },
  paymentMethod: 'tok_visa',
};

let submitted: NewCommand[];
let answer: (command: NewCommand) => Promise<unknown>;
let tables: Record<string, object[]>;
let catalogue: Catalogue;

beforeEach(() => {
  submitted = [];
  tables = {};
  answer = ({ key }) => Promise.resolve({ result: 'placed', orderId: key } satisfies PlaceReply);
  catalogue = createCatalogue();
  catalogue.learn([{ sku: 'SKU-0001', name: 'Lamp', unitPrice, sequence: 1 }]);
});

/** A house of one request: the rules and the database answer what a test says. */
async function ask(
  method: 'GET' | 'POST',
  url: string,
  payload?: object,
  headers: Record<string, string> = {},
) {
  const { app } = await server();
  const response = await app.inject({ method, url, headers, ...(payload && { payload }) });
  return {
    status: response.statusCode,
    headers: response.headers,
    json: response.json<Record<string, unknown>>(),
  };
}

async function server() {
  const database = {
    query: (statement: { name: string }) => Promise.resolve(tables[statement.name] ?? []),
  } as Queryable;
  const submit = (command: NewCommand) => {
    submitted.push(command);
    return answer(command);
  };
  const http = await createHttp({ name: 'order' });
  routes(http.app, { database, submit } as unknown as Kernel, catalogue);
  return http;
}

const post = (payload: object, key = 'k-1') => ask('POST', '/orders', payload, { 'idempotency-key': key });

describe('POST /orders', () => {
  it('answers 202 with where the order is', async () => {
    const { status, headers, json } = await post(body);
    const { location } = headers;
    expect(status).toBe(202);
    expect(json).toEqual({ orderId: submitted[0]?.key, status: 'PENDING', version: 1 });
    expect(location).toBe(`/orders/${submitted[0]?.key}`);
  });

  it('prices the order itself, and hands on who asked', async () => {
    await ask('POST', '/orders', body, { 'idempotency-key': '"k-1"', 'x-correlation-id': 'mine' });
    expect(submitted).toMatchObject([
      {
        name: 'PlaceOrder',
        correlationId: 'mine',
        traceparent: expect.stringMatching(/^00-/),
        data: {
          idempotencyKey: 'k-1',
          total: created.total,
          lines: created.lines,
          contact: { ...body.shippingAddress, email: body.email },
        },
      },
    ]);
  });

  it('looks for a SKU in the database before it says that there is none', async () => {
    const product = { sku: 'SKU-0002', name: 'Bulb', unit_price: 99, currency: 'EUR', sequence: 1 };
    tables['order-products-named'] = [product];
    expect((await post({ ...body, items: [{ sku: 'SKU-0002', quantity: 1 }] })).status).toBe(202);
  });

  it.each([
    ['an unknown SKU', { items: [{ sku: 'SKU-9999', quantity: 1 }] }, '#/items/0/sku', /SKU-9999/],
    ['another currency', { currency: 'USD' }, '#/currency', /EUR.*USD/],
    ['a SKU that comes twice', { items: [...body.items, ...body.items] }, '#/items/1/sku', /SKU-0001/],
  ])('answers 422 to %s', async (_what, change, pointer, detail) => {
    const { status, json } = await post({ ...body, ...change });
    expect(status).toBe(422);
    expect(json).toMatchObject({ detail: expect.stringMatching(detail), errors: [{ pointer }] });
    expect(submitted).toEqual([]);
  });

  it.each([
    ['no key', {}],
    ['an empty key', { 'idempotency-key': '' }],
    ['a malformed key', { 'idempotency-key': 'a b' }],
  ])('answers 400 to %s', async (_what, headers) => {
    const { status, json } = await ask('POST', '/orders', body, headers);
    expect(status).toBe(400);
    expect(json).toMatchObject({ errors: [{ pointer: 'header/idempotency-key' }] });
    expect(submitted).toEqual([]);
  });

  it.each([
    ['an unknown field', { ...body, price: 1 }, '#/price'],
    ['"2" for 2', { ...body, items: [{ sku: 'SKU-0001', quantity: '2' }] }, '#/items/0/quantity'],
    ['an array', [], '#'],
  ])('answers 400 to %s, and names it', async (_what, payload, pointer) => {
    const { status, json } = await post(payload);
    expect(status).toBe(400);
    expect(json).toMatchObject({ errors: [{ pointer }] });
  });

  it('refuses a key that is in use, and another body under it', async () => {
    answer = () => Promise.resolve({ result: 'key-in-use' } satisfies PlaceReply);
    expect((await post(body)).status).toBe(409);
    answer = () => Promise.resolve({ result: 'key-reused' } satisfies PlaceReply);
    expect((await post(body)).status).toBe(422);
  });

  it('refuses a second request while the first is being worked on', async () => {
    const { app } = await server();
    const waiting: (() => void)[] = [];
    answer = ({ key }) =>
      new Promise((resolve) =>
        waiting.push(() => resolve({ result: 'placed', orderId: key } satisfies PlaceReply)),
      );
    const send = (payload: object) =>
      app.inject({ method: 'POST', url: '/orders', headers: { 'idempotency-key': 'k-1' }, payload });
    const first = send(body);
    await vi.waitFor(() => expect(waiting).toHaveLength(1));
    expect((await send(body)).statusCode).toBe(409);
    expect((await send({ ...body, email: 'eve@example.com' })).statusCode).toBe(422);
    waiting[0]?.();
    expect((await first).statusCode).toBe(202);
    expect(submitted).toHaveLength(1);
  });

  it('says when to come again while too much waits, and while there is no catalogue', async () => {
    answer = () => Promise.reject(new OverloadError('OUTBOX_FULL', 'full', 7));
    const overloaded = await post(body);
    expect([overloaded.status, overloaded.headers['retry-after']]).toEqual([503, '7']);
    catalogue = createCatalogue();
    const early = await post(body);
    expect([early.status, early.headers['retry-after']]).toEqual([503, '1']);
  });
});

describe('GET /orders/{id}', () => {
  it('tells the order, its items and its story', async () => {
    const at = new Date(createdAt);
    tables['order-read'] = [{ order_id: orderId, version: 1, name: 'OrderCreated', data: created, at }];
    tables['order-read-history'] = [
      {
        topic: 'inventory.events',
        sequence: 1,
        name: 'StockReserved',
        at: new Date(createdAt + 5),
        ignored: null,
      },
    ];
    const { status, json } = await ask('GET', `/orders/${orderId}`);
    expect(status).toBe(200);
    expect(json).toEqual({
      orderId,
      customerId: 'c-42',
      status: 'PENDING',
      totalAmount: 2_598,
      currency: 'EUR',
      version: 1,
      createdAt: at.toISOString(),
      items: [{ sku: 'SKU-0001', name: 'Lamp', quantity: 2, unitPrice: 1_299 }],
      history: [
        {
          event: 'OrderCreated',
          service: 'order',
          topic: 'orders.events',
          sequence: 1,
          at: at.toISOString(),
        },
        {
          event: 'StockReserved',
          service: 'inventory',
          topic: 'inventory.events',
          sequence: 1,
          at: new Date(createdAt + 5).toISOString(),
        },
      ],
    });
  });

  it('answers 404 to an unknown order, and 400 to what is no order id', async () => {
    expect((await ask('GET', `/orders/${orderId}`)).status).toBe(404);
    expect((await ask('GET', '/orders/42')).json).toMatchObject({
      status: 400,
      errors: [{ pointer: 'path/orderId' }],
    });
  });
});

describe('GET /orders', () => {
  it('answers a page, and what to ask for the next', async () => {
    const row = {
      order_id: orderId,
      customer_id: 'c-42',
      status: 'CANCELLED',
      reason: 'OUT_OF_STOCK',
      version: 2,
    };
    const money = { total_amount: 2_598, currency: 'EUR', created_at: new Date(createdAt) };
    tables['order-page'] = [row, row].map((each) => ({ ...each, ...money }));
    const { json } = await ask('GET', '/orders?limit=1');
    const { nextCursor } = json;
    expect(json).toMatchObject({
      orders: [{ orderId, status: 'CANCELLED', reason: 'OUT_OF_STOCK', version: 2 }],
    });
    expect(nextCursor).toMatch(/^[\w-]{22}$/);
    expect((await ask('GET', `/orders?limit=1&cursor=${String(nextCursor)}`)).status).toBe(200);
  });

  it.each(['limit=0', 'limit=101', 'limit=x', 'status=DONE', 'cursor=x', 'page=2'])(
    'answers 400 to %s',
    async (query) => {
      expect((await ask('GET', `/orders?${query}`)).status).toBe(400);
    },
  );
});

describe('POST /orders/{id}/cancel', () => {
  const cancel = (payload?: object) => ask('POST', `/orders/${orderId}/cancel`, payload);
  const answering = (reply: CancelReply) => {
    tables['order-exists'] = [{}];
    answer = () => Promise.resolve(reply);
  };

  it('answers 202, with or without an empty body', async () => {
    answering({ result: 'cancelled', version: 2 });
    for (const payload of [undefined, {}]) {
      expect(await cancel(payload)).toMatchObject({
        status: 202,
        json: { orderId, status: 'CANCELLED', version: 2 },
      });
    }
  });

  it('answers 409 once the order is confirmed', async () => {
    answering({ result: 'confirmed', version: 2 });
    expect((await cancel()).status).toBe(409);
  });

  it('answers 404 to an unknown order, and asks nobody', async () => {
    expect((await cancel()).status).toBe(404);
    expect(submitted).toEqual([]);
  });

  it('answers 400 to a body that says something', async () => {
    answering({ result: 'cancelled', version: 2 });
    expect(await cancel({ reason: 'x' })).toMatchObject({
      status: 400,
      json: { errors: [{ pointer: '#/reason' }] },
    });
  });
});
