import { randomUUID } from 'node:crypto';
import {
  createCustomer,
  createOrderRequest,
  openDatabases,
  type ProblemView,
  waitForRest,
} from '@skald/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addresses, shop } from './system.ts';

/** All bad orders are by one customer, who must have none in the end. */
const customer = createCustomer();
const good = createOrderRequest(customer);
const databases = openDatabases(addresses);

interface BadInput {
  readonly what: string;
  /** Sent as it is if it is a text or bytes, as JSON otherwise. */
  readonly body?: unknown;
  /** Replaces these headers; undefined takes one away. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly status: number;
  /** Of the field that the answer names. */
  readonly pointer?: string;
}

const address = (overrides: object) => ({
  ...good,
  shippingAddress: { ...good.shippingAddress, ...overrides },
});
const item = (overrides: object) => ({ ...good, items: [{ sku: 'SKU-0001', quantity: 1, ...overrides }] });
/** In a spelling that JSON.stringify would not choose. */
const withQuantity = (spelling: string) =>
  JSON.stringify(item({ quantity: 7 })).replace('"quantity":7', `"quantity":${spelling}`);
const without = (name: keyof typeof good) => {
  const { [name]: _gone, ...rest } = good;
  return rest;
};
const bad = (what: string, body: unknown, pointer: string, status = 400): BadInput => ({
  what,
  body,
  status,
  pointer,
});
const typed = (contentType: string | undefined, status = 415): BadInput => ({
  what: `the content type ${contentType ?? 'none'}`,
  body: JSON.stringify(good),
  headers: { 'content-type': contentType },
  status,
});
const keyed = (what: string, key: string | undefined): BadInput => ({
  what,
  body: good,
  headers: { 'idempotency-key': key },
  status: 400,
  pointer: 'header/idempotency-key',
});

const fields = [
  'customerId',
  'email',
  'currency',
  'items',
  'shippingAddress',
  'paymentMethod',
] as const satisfies (keyof typeof good)[];

const table: readonly BadInput[] = [
  ...fields.map((name) => bad(`no ${name}`, without(name), `#/${name}`)),
  ...fields.map((name) => bad(`null for ${name}`, { ...good, [name]: null }, `#/${name}`)),
  ...['name', 'street', 'postalCode', 'city', 'country'].map((name) =>
    bad(`no ${name} in the address`, address({ [name]: undefined }), `#/shippingAddress/${name}`),
  ),

  bad('an unknown key', { ...good, discount: 99 }, '#/discount'),
  bad("a price of the client's own", { ...good, totalAmount: 1 }, '#/totalAmount'),
  bad("an item's price of the client's own", item({ unitPrice: 1 }), '#/items/0/unitPrice'),
  bad('an unknown key in the address', address({ planet: 'Mars' }), '#/shippingAddress/planet'),

  bad('"3" for 3', item({ quantity: '3' }), '#/items/0/quantity'),
  bad('true for 1', item({ quantity: true }), '#/items/0/quantity'),
  bad('a half', item({ quantity: 1.5 }), '#/items/0/quantity'),
  bad('none at all', item({ quantity: 0 }), '#/items/0/quantity'),
  bad('a negative quantity', item({ quantity: -1 }), '#/items/0/quantity'),
  bad('a huge quantity', item({ quantity: 1_000_000_000 }), '#/items/0/quantity'),
  bad('a quantity that loses its last digit', item({ quantity: 2 ** 53 }), '#/items/0/quantity'),
  bad('a quantity beyond all numbers', withQuantity('1e400'), '#/items/0/quantity'),
  bad('a list for a quantity', item({ quantity: [1] }), '#/items/0/quantity'),
  bad('a number for a SKU', item({ sku: 1 }), '#/items/0/sku'),
  bad('an empty SKU', item({ sku: '' }), '#/items/0/sku'),
  bad('a SKU that nobody sells', item({ sku: 'SKU-9999' }), '#/items/0/sku', 422),
  bad('a SKU that is an inherited name', item({ sku: 'constructor' }), '#/items/0/sku', 422),
  bad(
    'a SKU twice',
    {
      ...good,
      items: [
        { sku: 'SKU-0001', quantity: 1 },
        { sku: 'SKU-0001', quantity: 2 },
      ],
    },
    '#/items/1/sku',
    422,
  ),

  bad('no items', { ...good, items: [] }, '#/items'),
  bad('an object for the items', { ...good, items: { sku: 'SKU-0001', quantity: 1 } }, '#/items'),
  bad('a text for an item', { ...good, items: ['SKU-0001'] }, '#/items/0'),
  bad(
    'more items than an order may have',
    {
      ...good,
      items: Array.from({ length: 101 }, (_, index) => ({
        sku: `SKU-${String(index + 1).padStart(4, '0')}`,
        quantity: 1,
      })),
    },
    '#/items',
  ),
  {
    what: '10,000 lines',
    body: { ...good, items: Array.from({ length: 10_000 }, () => ({ sku: 'SKU-0001', quantity: 1 })) },
    status: 413,
  },
  { what: 'a body of 1 MB', body: { ...good, customerId: 'x'.repeat(1024 * 1024) }, status: 413 },

  bad('another currency', { ...good, currency: 'USD' }, '#/currency', 422),
  bad('no currency at all', { ...good, currency: 'Euro' }, '#/currency'),
  bad('no mail address', { ...good, email: 'snorri' }, '#/email'),
  bad('a mail with a header of its own', { ...good, email: 'a@b.example\r\nBcc: c@d.example' }, '#/email'),
  bad('a name with a line break', address({ name: 'Snorri\nSturluson' }), '#/shippingAddress/name'),
  bad('a blank street', address({ street: '   ' }), '#/shippingAddress/street'),
  bad('a city of 1,000 letters', address({ city: 'x'.repeat(1_000) }), '#/shippingAddress/city'),
  bad('a country that there is none', address({ country: 'XX' }), '#/shippingAddress/country'),
  bad('a name with half a character', address({ name: 'Snorri \ud800' }), '#/shippingAddress/name'),
  bad('a name with NUL', address({ name: 'Snorri\0' }), '#'),
  bad('a card number', { ...good, paymentMethod: '4242 4242 4242 4242' }, '#/paymentMethod'),
  bad("a customer's mail address for their id", { ...good, customerId: 'a@b.example' }, '#/customerId'),

  bad('an empty body', '', '#'),
  bad('null', 'null', '#'),
  bad('a list', JSON.stringify([good]), '#'),
  bad('a text', '"order"', '#'),
  bad('a number', '7', '#'),
  bad('broken JSON', JSON.stringify(good).slice(0, -1), '#'),
  bad('JSON with a comment', `/* please */ ${JSON.stringify(good)}`, '#'),
  bad('NaN', withQuantity('NaN'), '#'),
  bad('no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]), '#'),
  bad('__proto__', `{"__proto__":{"isAdmin":true},${JSON.stringify(good).slice(1)}`, '#'),
  bad(
    'constructor.prototype',
    `{"constructor":{"prototype":{"isAdmin":true}},${JSON.stringify(good).slice(1)}`,
    '#',
  ),
  bad('arrays in arrays, ten thousand deep', '['.repeat(10_000) + ']'.repeat(10_000), '#'),

  typed(undefined),
  typed('text/plain'),
  typed('text/json'),
  typed('application/x-www-form-urlencoded'),
  typed('multipart/form-data; boundary=x'),
  typed('application/xml'),
  typed('application/jsonp'),
  typed('application/vnd.api+json'),
  typed('application/json; charset=utf-16'),
  typed('application/json;\tcharset=latin1'),

  keyed('no Idempotency-Key', undefined),
  keyed('an empty Idempotency-Key', ''),
  keyed('an Idempotency-Key with a blank', 'one two'),
  keyed('an Idempotency-Key whose quote does not end', '"one'),
  keyed('an Idempotency-Key of 300 characters', 'k'.repeat(300)),
];

async function send({ body, headers = {} }: BadInput) {
  const all = { 'content-type': 'application/json', 'idempotency-key': randomUUID(), ...headers };
  const given = Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const isRaw = typeof body === 'string' || body instanceof Uint8Array;
  return await shop.post(isRaw ? body : JSON.stringify(body), given);
}

async function outboxPosition(): Promise<number> {
  const [row] = await databases.query<{ last_value: number }>(
    'order',
    'SELECT last_value FROM messaging.outbox_position',
  );
  return row?.last_value ?? Number.NaN;
}

let positionBefore: number;
beforeAll(async () => {
  // What an earlier test has asked for is written by now.
  await waitForRest(addresses);
  positionBefore = await outboxPosition();
});
afterAll(() => databases.close());

describe('POST /orders', () => {
  it.each(table.map((input) => [input.what, input.status, input] as const))(
    'refuses %s: %i',
    async (_what, _status, input) => {
      const { status, headers, body } = await send(input);
      expect.soft(status).toBe(input.status);
      expect(headers.get('content-type')).toMatch(/^application\/problem\+json\b/);
      const problem = body as ProblemView;
      expect(problem).toMatchObject({ status, type: expect.any(String), title: expect.any(String) });
      if (input.pointer !== undefined) {
        expect(problem.errors?.map(({ pointer }) => pointer)).toContain(input.pointer);
      }
      expect(JSON.stringify(problem)).not.toMatch(/node_modules|\.ts:|\.js:|at Object\./);
    },
  );

  it('has written nothing for any of them: no order, and no outbox entry', async () => {
    expect(await shop.listOrders({ customerId: customer.customerId })).toEqual([]);
    expect(await outboxPosition()).toBe(positionBefore);
  });

  it.each([
    'application/json;charset=UTF-8',
    'application/json; charset="utf-8"',
    'APPLICATION/JSON',
    'application/json ;  charset=utf-8',
    'application/json;\tcharset=utf-8',
  ])('validates a body that comes as %s like any other', async (contentType) => {
    const headers = { 'content-type': contentType, 'idempotency-key': randomUUID() };
    const refused = await shop.post(JSON.stringify(item({ quantity: '3' })), headers);
    expect(refused.status).toBe(400);
    const taken = await shop.post(JSON.stringify(createOrderRequest()), headers);
    expect(taken.status).toBe(202);
  });

  it("prices the order from the catalogue, as the customer can't", async () => {
    const { orderId } = await shop.placeOrder({ items: [{ sku: 'SKU-0401', quantity: 2 }] });
    const order = await shop.getOrder(orderId);
    const [row] = await databases.query<{ unit_price: number }>(
      'inventory',
      'SELECT unit_price FROM products WHERE sku = $1',
      ['SKU-0401'],
    );
    expect(order.totalAmount).toBe(2 * (row?.unit_price ?? Number.NaN));
  });
});
