/** SKU-0001 to SKU-0998: the last two of the catalogue are scarce on purpose. */
const plentifulSkus = 998;

export interface OrderLine {
  readonly sku: string;
  readonly quantity: number;
}

export const skuOf = (number: number): string => `SKU-${String(number).padStart(4, '0')}`;

/** The lines of the n-th order, the same for every contender: one to three SKUs, one or two of each. */
export function linesOf(index: number): readonly OrderLine[] {
  const count = 1 + (scramble(index) % 3);
  const first = scramble(index + 0x9e3779b9) % plentifulSkus;
  const stride = 1 + (scramble(index + 0x7f4a7c15) % 300);
  return Array.from({ length: count }, (_, line) => ({
    sku: skuOf(1 + ((first + line * stride) % plentifulSkus)),
    quantity: 1 + (scramble(index + line) & 1),
  }));
}

/** The body of POST /orders for the n-th order. */
export function bodyOf(index: number): string {
  return JSON.stringify({
    customerId: `customer-${index % 10_000}`,
    email: `customer-${index % 10_000}@example.com`,
    currency: 'EUR',
    items: linesOf(index),
    shippingAddress: {
      name: 'Ada Lovelace',
      street: '12 St James Square',
      postalCode: '10115',
      city: 'Berlin',
      country: 'DE',
    },
    paymentMethod: 'tok_visa',
  });
}

/** A 32-bit finalizer (MurmurHash3's): neighbours come out far apart, the same on every run. */
function scramble(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
