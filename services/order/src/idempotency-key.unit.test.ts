import { describe, expect, it } from 'vitest';
import { fingerprintOf, idempotencyKeyPattern, parseIdempotencyKey } from './idempotency-key.ts';
import { placeOrderBody } from './request.ts';

describe('Idempotency-Key', () => {
  it.each([
    ['"8e03978e-40d5-43dd-bc93-6894a57f9324"', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
    ['8e03978e-40d5-43dd-bc93-6894a57f9324', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
    ['"with a blank, and \\"quotes\\" and a \\\\"', 'with a blank, and "quotes" and a \\'],
    ['k', 'k'],
    [`"${'k'.repeat(255)}"`, 'k'.repeat(255)],
  ])('%s is the key %s', (header, key) => {
    expect(header).toMatch(idempotencyKeyPattern);
    expect(parseIdempotencyKey(header)).toBe(key);
  });

  it.each([
    '',
    '""',
    ' ',
    'a b',
    'a, b',
    '"a", "b"',
    '"a',
    'a"',
    '"a\\x"',
    '"ä"',
    'ä',
    '"a";p=1',
    'k'.repeat(256),
  ])('%j is malformed', (header) => {
    expect(header).not.toMatch(idempotencyKeyPattern);
  });
});

const body = {
  customerId: 'c-42',
  email: 'ada@example.com',
  currency: 'EUR',
  items: [{ sku: 'SKU-0001', quantity: 2 }],
  shippingAddress: { name: 'Ada', street: 'Main 1', postalCode: '10115', city: 'Berlin', country: 'DE' },
  paymentMethod: 'tok_visa',
};

describe('the fingerprint', () => {
  it('is the same whatever order the fields came in', () => {
    const turned = Object.fromEntries(Object.entries(body).reverse());
    expect(fingerprintOf(placeOrderBody.parse(turned))).toBe(fingerprintOf(placeOrderBody.parse(body)));
  });

  it('is another one for another body', () => {
    const other = { ...body, items: [{ sku: 'SKU-0001', quantity: 3 }] };
    expect(fingerprintOf(placeOrderBody.parse(other))).not.toBe(fingerprintOf(placeOrderBody.parse(body)));
  });
});
