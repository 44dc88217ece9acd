import { randomUUID } from 'node:crypto';
import { createOrderRequest, type Item, type OrderRequest, type SeededRandom } from '@skald/testkit';

/** What an order is made to come to. */
export type Ending = 'confirmed' | 'declined' | 'out of stock' | 'unserviceable' | 'cancelled';

export interface PlannedOrder {
  readonly ending: Ending;
  readonly idempotencyKey: string;
  readonly request: OrderRequest;
  /** Whoever placed it tries again after a failure; else there is an order, or none, and nobody asks. */
  readonly isPersistent: boolean;
  /** From the answer to the customer's cancel, ms. */
  readonly cancelAfterMs: number;
}

/** What GET /orders says at the end: status and reason. A cancel may come too late. */
export const endsOf: Readonly<Record<Ending, readonly string[]>> = {
  confirmed: ['CONFIRMED'],
  declined: ['CANCELLED PAYMENT_DECLINED'],
  'out of stock': ['CANCELLED OUT_OF_STOCK'],
  unserviceable: ['CANCELLED ADDRESS_UNSERVICEABLE'],
  cancelled: ['CANCELLED CANCELLED_BY_CUSTOMER', 'CONFIRMED'],
};

const PERCENT: Readonly<Record<Ending, number>> = {
  confirmed: 66,
  declined: 9,
  'out of stock': 7,
  unserviceable: 8,
  cancelled: 10,
};
const IMPATIENT_PERCENT = 15;
const CANCEL_WITHIN_MS = 1_500;
/** Few, so that orders meet at the same rows. */
const POPULAR_SKUS = 40;

/** Mostly those that work at once; a bank that fails twice, one that is slow, and one that answers too late. */
const METHODS = [
  ...Array.from({ length: 17 }, () => 'tok_visa'),
  'tok_processingError',
  'tok_slow',
  'tok_timeout',
];

/** Orders with mixed endings, each by a customer of its own. */
export function planOrders(count: number, random: SeededRandom): PlannedOrder[] {
  const endings = (Object.keys(PERCENT) as Ending[]).flatMap((ending) =>
    Array.from({ length: Math.round((count * PERCENT[ending]) / 100) }, () => ending),
  );
  while (endings.length < count) endings.push('confirmed');
  return random.shuffled(endings.slice(0, count)).map((ending) => ({
    ending,
    idempotencyKey: randomUUID(),
    request: requestFor(ending, random),
    isPersistent: random.int(0, 100) >= IMPATIENT_PERCENT,
    cancelAfterMs: random.int(0, CANCEL_WITHIN_MS),
  }));
}

function requestFor(ending: Ending, random: SeededRandom): OrderRequest {
  const request = createOrderRequest({ items: pickItems(random), paymentMethod: random.pick(METHODS) });
  if (ending === 'declined') {
    return { ...request, paymentMethod: random.pick(['tok_chargeDeclined', 'tok_insufficientFunds']) };
  }
  // The catalogue opens without a single one of it. All lines of an order are reserved, or none.
  if (ending === 'out of stock') {
    return { ...request, items: [...request.items, { sku: 'SKU-1000', quantity: 1 }] };
  }
  if (ending === 'unserviceable') {
    return { ...request, shippingAddress: { ...request.shippingAddress, postalCode: '00000' } };
  }
  return request;
}

function pickItems(random: SeededRandom): Item[] {
  const numbers = new Set(Array.from({ length: random.int(1, 4) }, () => random.int(1, POPULAR_SKUS + 1)));
  return [...numbers].map((number) => ({
    sku: `SKU-${String(number).padStart(4, '0')}`,
    quantity: random.int(1, 4),
  }));
}
