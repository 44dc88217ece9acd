/** What an order is placed with, and how that lets it end. */
export interface Preset<Value> {
  readonly value: Value;
  readonly does: string;
}

/** Cards of the payment provider's simulator: services/payment/README.md. */
export const cards = {
  visa: { value: 'tok_visa', does: 'charged' },
  declined: { value: 'tok_chargeDeclined', does: 'declined: CANCELLED, PAYMENT_DECLINED' },
  'insufficient-funds': { value: 'tok_insufficientFunds', does: 'declined: CANCELLED, PAYMENT_DECLINED' },
  slow: { value: 'tok_slow', does: 'charged after a second: time to cancel' },
  timeout: { value: 'tok_timeout', does: 'charged, answered too late, asked again: charged once' },
  'processing-error': { value: 'tok_processingError', does: 'fails twice, then works' },
} as const satisfies Record<string, Preset<string>>;

export interface Address {
  readonly name: string;
  readonly street: string;
  readonly postalCode: string;
  readonly city: string;
  readonly country: string;
}

const ada = { name: 'Ada Lovelace', street: '12 Analytical Way' };

/** As the in-house carrier takes them: services/shipping/README.md. */
export const addresses = {
  berlin: {
    value: { ...ada, postalCode: '10115', city: 'Berlin', country: 'DE' },
    does: 'delivered in two days',
  },
  paris: {
    value: { ...ada, postalCode: '75001', city: 'Paris', country: 'FR' },
    does: 'delivered in five days',
  },
  nowhere: {
    value: { ...ada, postalCode: '00000', city: 'Nowhere', country: 'DE' },
    does: 'nobody delivers there: charged, refunded, CANCELLED, ADDRESS_UNSERVICEABLE',
  },
} as const satisfies Record<string, Preset<Address>>;

/** What the warehouse is meant to run out of: services/inventory/README.md. */
export const scarce = {
  'SKU-0999': 'a hundred there are, to be fought over',
  'SKU-1000': 'none is there: CANCELLED, OUT_OF_STOCK',
} as const;
