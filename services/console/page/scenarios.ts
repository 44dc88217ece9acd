/** A card of the payment provider's simulator, and what it does (services/payment/README.md). */
export interface TestCard {
  readonly paymentMethod: string;
  readonly does: string;
  readonly ends: 'CONFIRMED' | 'CANCELLED';
}

export const testCards: readonly TestCard[] = [
  { paymentMethod: 'tok_visa', does: 'is charged', ends: 'CONFIRMED' },
  { paymentMethod: 'tok_chargeDeclined', does: 'is declined: card_declined', ends: 'CANCELLED' },
  { paymentMethod: 'tok_insufficientFunds', does: 'is declined: insufficient_funds', ends: 'CANCELLED' },
  { paymentMethod: 'tok_slow', does: 'is charged after a second: time to cancel', ends: 'CONFIRMED' },
  { paymentMethod: 'tok_timeout', does: 'is charged, answered too late, asked again', ends: 'CONFIRMED' },
  { paymentMethod: 'tok_processingError', does: 'fails twice, then works', ends: 'CONFIRMED' },
];

export interface Address {
  readonly name: string;
  readonly street: string;
  readonly postalCode: string;
  readonly city: string;
  readonly country: string;
}

export interface TestAddress {
  readonly title: string;
  readonly does: string;
  readonly ends: 'CONFIRMED' | 'CANCELLED';
  readonly address: Address;
}

const ada = { name: 'Ada Lovelace', street: '12 Analytical Way' };

/** As the in-house carrier takes them (services/shipping/src/carrier.ts). */
export const testAddresses: readonly TestAddress[] = [
  {
    title: '10115 Berlin, DE',
    does: 'delivered in two days',
    ends: 'CONFIRMED',
    address: { ...ada, postalCode: '10115', city: 'Berlin', country: 'DE' },
  },
  {
    title: '75001 Paris, FR',
    does: 'delivered in five days',
    ends: 'CONFIRMED',
    address: { ...ada, postalCode: '75001', city: 'Paris', country: 'FR' },
  },
  {
    title: '00000 Nowhere, DE',
    does: 'nobody delivers there: charged, then refunded',
    ends: 'CANCELLED',
    address: { ...ada, postalCode: '00000', city: 'Nowhere', country: 'DE' },
  },
];

/** What the warehouse is meant to run out of (services/inventory/src/catalogue.ts). */
export const scarce: Readonly<Record<string, string>> = {
  'SKU-0999': 'the last hundred, to be fought over',
  'SKU-1000': 'never there: the order is cancelled',
};

export const burstSizes = [10, 100, 1_000] as const;
