import { testAddresses, testCards } from '@skald/contracts';
import type { RouteDocs } from '@skald/service-kit';
import type { PlaceOrderBody } from './request.ts';

const order: PlaceOrderBody = {
  customerId: 'ada',
  email: 'ada@example.org',
  currency: 'EUR',
  items: [{ sku: 'SKU-0001', quantity: 1 }],
  shippingAddress: testAddresses.berlin.address,
  paymentMethod: testCards.visa.paymentMethod,
};

/** Orders that end in each way: the same as in the README. */
export const placing: RouteDocs = {
  examples: {
    confirmed: { summary: 'Ends CONFIRMED', value: order },
    outOfStock: {
      summary: 'Ends CANCELLED, OUT_OF_STOCK: none of it is there',
      value: { ...order, items: [{ sku: 'SKU-1000', quantity: 1 }] },
    },
    declined: {
      summary: 'Ends CANCELLED, PAYMENT_DECLINED',
      value: { ...order, paymentMethod: 'tok_chargeDeclined' },
    },
    unserviceable: {
      summary: 'Ends CANCELLED, ADDRESS_UNSERVICEABLE: charged, then refunded',
      value: { ...order, shippingAddress: { ...order.shippingAddress, postalCode: '00000' } },
    },
    slow: {
      summary: 'Its charge takes a second: time enough to cancel it',
      value: { ...order, paymentMethod: 'tok_slow' },
    },
  },
  problems: {
    409: 'A request with this Idempotency-Key is being worked on: try again for its answer (`urn:skald:problem:idempotency-key-in-use`)',
    422: 'A SKU is unknown or comes twice, or the currency is none of ours (`urn:skald:problem:order-refused`); or the key came with another body before (`urn:skald:problem:idempotency-key-reused`). Nothing was stored',
    503: 'Nothing was stored, but for a time-out, which the same key clears up. Too much waits (`urn:skald:problem:overloaded`), the catalogue is still being read (`urn:skald:problem:catalogue-missing`), or the database is away: Retry-After says in how many seconds to try again',
  },
};

export const cancelling: RouteDocs = {
  examples: { cancel: { summary: 'There is nothing to say: an empty object, or no body', value: {} } },
  problems: {
    404: 'There is no such order (`urn:skald:problem:unknown-order`)',
    409: 'It is confirmed, and stays so (`urn:skald:problem:order-confirmed`)',
  },
};
