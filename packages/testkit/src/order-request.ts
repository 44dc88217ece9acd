import { randomUUID } from 'node:crypto';

export interface Item {
  readonly sku: string;
  readonly quantity: number;
}

/** Body of POST /orders. */
export interface OrderRequest {
  readonly customerId: string;
  readonly email: string;
  readonly currency: string;
  readonly items: readonly Item[];
  readonly shippingAddress: {
    readonly name: string;
    readonly street: string;
    readonly postalCode: string;
    readonly city: string;
    readonly country: string;
  };
  /** The payment provider's token: tok_visa. */
  readonly paymentMethod: string;
}

/** Somebody new, with a mail box of their own, so that tests can run side by side. */
export function createCustomer(): Pick<OrderRequest, 'customerId' | 'email'> {
  const id = randomUUID();
  return { customerId: `customer-${id}`, email: `${id}@customers.example` };
}

/** An order that goes through, but for what is overridden. Each is by a customer of its own. */
export const createOrderRequest = (overrides: Partial<OrderRequest> = {}): OrderRequest => ({
  ...createCustomer(),
  currency: 'EUR',
  items: [{ sku: 'SKU-0001', quantity: 1 }],
  shippingAddress: {
    name: 'Snorri Sturluson',
    street: 'Reykholt 1',
    postalCode: '10115',
    city: 'Berlin',
    country: 'DE',
  },
  paymentMethod: 'tok_visa',
  ...overrides,
});
