import { computed, signal } from '@preact/signals';
import type { ShippingAddress } from '@skald/contracts';
import { ask } from './api.ts';
import { addresses, cards } from './scenarios.ts';

export interface Product {
  readonly sku: string;
  readonly name: string;
  readonly unitPrice: number;
  readonly currency: string;
}

export const MAX_QUANTITY = 10_000;

/** Quantity by SKU. */
export const basket = signal<ReadonlyMap<string, number>>(new Map());
export const products = signal<readonly Product[]>([]);
export const productOf = computed(() => new Map(products.value.map((product) => [product.sku, product])));

export const total = computed(() =>
  [...basket.value].reduce(
    (sum, [sku, quantity]) => sum + quantity * (productOf.value.get(sku)?.unitPrice ?? 0),
    0,
  ),
);

export function setQuantity(sku: string, quantity: number): void {
  const changed = new Map(basket.value);
  if (quantity < 1 || !Number.isInteger(quantity)) changed.delete(sku);
  else changed.set(sku, Math.min(MAX_QUANTITY, quantity));
  basket.value = changed;
}

export const customer = signal({ customerId: 'ada', email: 'ada@example.org' });
export const paymentMethod = signal<string>(cards[0]?.paymentMethod ?? '');
export const addressTitle = signal(addresses[0]?.title ?? '');

export interface OrderRequest {
  readonly customerId: string;
  readonly email: string;
  readonly currency: string;
  readonly items: readonly { readonly sku: string; readonly quantity: number }[];
  readonly shippingAddress: ShippingAddress | undefined;
  readonly paymentMethod: string;
}

export const orderRequest = (): OrderRequest => ({
  ...customer.value,
  currency: 'EUR',
  items: [...basket.value].map(([sku, quantity]) => ({ sku, quantity })),
  shippingAddress: addresses.find(({ title }) => title === addressTitle.value)?.address,
  paymentMethod: paymentMethod.value,
});

/**
 * Places an order; asked again under the same key, it is placed once. Throws ApiProblem.
 * @returns its id
 */
export async function placeOrder(request: OrderRequest, key: string = crypto.randomUUID()): Promise<string> {
  const { orderId } = await ask<{ orderId: string }>('/api/orders', {
    method: 'POST',
    body: request,
    headers: { 'idempotency-key': JSON.stringify(key) },
  });
  return orderId;
}
