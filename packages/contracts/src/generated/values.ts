// Generated from schemas/ by `npm run generate`. Changes made here are lost.

/** Why an order was cancelled. */
export const cancelReasons = [
  'OUT_OF_STOCK',
  'PAYMENT_DECLINED',
  'ADDRESS_UNSERVICEABLE',
  'CANCELLED_BY_CUSTOMER',
  'DEADLINE_PASSED',
] as const;

/** Why an order was cancelled. */
export type CancelReason = (typeof cancelReasons)[number];

/** Which mail: order-confirmation follows OrderCreated, shipment-scheduled OrderConfirmed, order-cancelled OrderCancelled. */
export const emailTemplates = [
  'order-confirmation',
  'shipment-scheduled',
  'order-cancelled',
] as const;

/** Which mail: order-confirmation follows OrderCreated, shipment-scheduled OrderConfirmed, order-cancelled OrderCancelled. */
export type EmailTemplate = (typeof emailTemplates)[number];

/** An amount of money: whole minor units, so that nothing is ever rounded. */
export interface Money {
  /** Minor units of the currency (cents), 0 to 100,000,000,000; checked on write and on read. */
  readonly amount: number;
  /** ISO 4217 code: EUR. */
  readonly currency: string;
}

/** One line of an order, priced by the order service when it was placed. */
export interface OrderLine {
  /** Stock keeping unit: SKU-0001. */
  readonly sku: string;
  /** The product as the customer saw it. */
  readonly name: string;
  /** Pieces, 1 or more. */
  readonly quantity: number;
  /** Price of one piece. */
  readonly unitPrice: Money;
}

/** A product of which there was too little. */
export interface Shortage {
  /** Stock keeping unit: SKU-0001. */
  readonly sku: string;
  /** Pieces that the order asked for. */
  readonly requested: number;
  /** Pieces that were free. */
  readonly available: number;
}

/** So many pieces of one product in stock. */
export interface StockLine {
  /** Stock keeping unit: SKU-0001. */
  readonly sku: string;
  /** Pieces, 1 or more. */
  readonly quantity: number;
}
