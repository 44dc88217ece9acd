import { describe, expect, it } from 'vitest';
import { cancelBody, pageQuery, placeOrderBody } from './request.ts';

const body = {
  customerId: 'c-42',
  email: 'ada@example.com',
  currency: 'EUR',
  items: [{ sku: 'SKU-0001', quantity: 2 }],
  shippingAddress: {
    name: 'Ada Lovelace',
    street: 'Straße 1',
    postalCode: '10115',
    city: 'München',
    country: 'DE',
  },
  paymentMethod: 'tok_visa',
};
const address = (change: object) => ({ shippingAddress: { ...body.shippingAddress, ...change } });
const items = (...all: unknown[]) => ({ items: all });

it('an order as it should be is accepted as it came', () => {
  expect(placeOrderBody.parse(body)).toEqual(body);
});

describe('refuses', () => {
  it.each([
    ['an unknown field', { price: 1 }, []],
    ['a customer without an id', { customerId: '' }, ['customerId']],
    ['a customer id with a mail address', { customerId: 'ada@example.com' }, ['customerId']],
    ['a number for a text', { customerId: 42 }, ['customerId']],
    ['a customer id of 65 characters', { customerId: 'c'.repeat(65) }, ['customerId']],
    ['a wrong mail address', { email: 'ada' }, ['email']],
    ['a mail header', { email: 'ada@example.com\r\nBcc: all@example.com' }, ['email']],
    ['a currency that is none', { currency: '€' }, ['currency']],
    ['no items', { items: [] }, ['items']],
    [
      '101 items',
      { items: Array.from({ length: 101 }, (_, i) => ({ sku: `S-${i}`, quantity: 1 })) },
      ['items'],
    ],
    ['"3" for 3', items({ sku: 'SKU-1', quantity: '3' }), ['items', 0, 'quantity']],
    ['a quantity of 0', items({ sku: 'SKU-1', quantity: 0 }), ['items', 0, 'quantity']],
    ['a negative quantity', items({ sku: 'SKU-1', quantity: -1 }), ['items', 0, 'quantity']],
    ['half a piece', items({ sku: 'SKU-1', quantity: 0.5 }), ['items', 0, 'quantity']],
    ['a huge quantity', items({ sku: 'SKU-1', quantity: 10_001 }), ['items', 0, 'quantity']],
    ['a price of the client', items({ sku: 'SKU-1', quantity: 1, unitPrice: 1 }), ['items', 0]],
    ['a SKU with a blank', items({ sku: 'SKU 1', quantity: 1 }), ['items', 0, 'sku']],
    ['a blank name', address({ name: '  ' }), ['shippingAddress', 'name']],
    ['a name of two lines', address({ name: 'Ada\nBcc: all@example.com' }), ['shippingAddress', 'name']],
    ['half a character', address({ city: 'Berlin\ud800' }), ['shippingAddress', 'city']],
    ['a country that is none', address({ country: 'XX' }), ['shippingAddress', 'country']],
    ['a country in lower case', address({ country: 'de' }), ['shippingAddress', 'country']],
    ['a card number', { paymentMethod: '4242424242424242' }, ['paymentMethod']],
  ])('%s', (_what, change, path) => {
    const result = placeOrderBody.safeParse({ ...body, ...change });
    expect(result.error?.issues.map((issue) => issue.path)).toEqual([path]);
  });

  it.each(Object.keys(body))('a missing %s', (field) => {
    const result = placeOrderBody.safeParse({ ...body, [field]: undefined });
    expect(result.error?.issues.map((issue) => issue.path)).toEqual([[field]]);
  });
});

it('a page is 20 orders, and 100 at most', () => {
  expect(pageQuery.parse({})).toEqual({ limit: 20 });
  expect(pageQuery.parse({ limit: '100', status: 'PENDING' })).toEqual({ limit: 100, status: 'PENDING' });
  for (const wrong of [
    { limit: '101' },
    { limit: '0' },
    { limit: 'x' },
    { status: 'pending' },
    { cursor: 'x' },
    { page: '1' },
  ]) {
    expect(pageQuery.safeParse(wrong).success).toBe(false);
  }
});

it('a cancellation says nothing', () => {
  for (const empty of [undefined, null, {}]) expect(cancelBody.safeParse(empty).success).toBe(true);
  for (const wrong of [{ reason: 'x' }, [], 'x']) expect(cancelBody.safeParse(wrong).success).toBe(false);
});
