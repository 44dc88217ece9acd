/** What an order is placed with to see it end in one way or another: for who tries the system out. */
interface TryOut {
  readonly does: string;
  readonly ends: 'CONFIRMED' | 'CANCELLED';
}

/** Cards of the payment provider's simulator, by a short name: services/payment/README.md. */
export const testCards = {
  visa: { paymentMethod: 'tok_visa', does: 'charged', ends: 'CONFIRMED' },
  declined: {
    paymentMethod: 'tok_chargeDeclined',
    does: 'declined: CANCELLED, PAYMENT_DECLINED',
    ends: 'CANCELLED',
  },
  'insufficient-funds': {
    paymentMethod: 'tok_insufficientFunds',
    does: 'declined: CANCELLED, PAYMENT_DECLINED',
    ends: 'CANCELLED',
  },
  slow: { paymentMethod: 'tok_slow', does: 'charged after a second: time to cancel', ends: 'CONFIRMED' },
  timeout: {
    paymentMethod: 'tok_timeout',
    does: 'charged, answered too late, asked again: charged once',
    ends: 'CONFIRMED',
  },
  'processing-error': {
    paymentMethod: 'tok_processingError',
    does: 'fails twice, then works',
    ends: 'CONFIRMED',
  },
} as const satisfies Readonly<Record<string, TryOut & { readonly paymentMethod: string }>>;

/** As POST /orders takes it. */
export interface ShippingAddress {
  readonly name: string;
  readonly street: string;
  readonly postalCode: string;
  readonly city: string;
  readonly country: string;
}

const ada = { name: 'Ada Lovelace', street: '12 Analytical Way' };

/** As the in-house carrier takes them, by a short name: services/shipping/README.md. */
export const testAddresses = {
  berlin: {
    address: { ...ada, postalCode: '10115', city: 'Berlin', country: 'DE' },
    does: 'delivered in two days',
    ends: 'CONFIRMED',
  },
  paris: {
    address: { ...ada, postalCode: '75001', city: 'Paris', country: 'FR' },
    does: 'delivered in five days',
    ends: 'CONFIRMED',
  },
  nowhere: {
    address: { ...ada, postalCode: '00000', city: 'Nowhere', country: 'DE' },
    does: 'nobody delivers there: charged, refunded, CANCELLED, ADDRESS_UNSERVICEABLE',
    ends: 'CANCELLED',
  },
} as const satisfies Readonly<Record<string, TryOut & { readonly address: ShippingAddress }>>;

/** What the warehouse is meant to run out of: services/inventory/README.md. */
export const scarceProducts = {
  'SKU-0999': 'a hundred there are, to be fought over',
  'SKU-1000': 'none is there: CANCELLED, OUT_OF_STOCK',
} as const;
