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

/** sent, or unknown: it may or may not have left. */
export const mailStates = [
  'sent',
  'unknown',
] as const;

/** sent, or unknown: it may or may not have left. */
export type MailState = (typeof mailStates)[number];

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

/** How an order stands, as orders.events says. */
export const orderStatuses = [
  'PENDING',
  'CONFIRMED',
  'CANCELLED',
] as const;

/** How an order stands, as orders.events says. */
export type OrderStatus = (typeof orderStatuses)[number];

/** How an order's payment stands. */
export const paymentStates = [
  'completed',
  'failed',
  'refunded',
] as const;

/** How an order's payment stands. */
export type PaymentState = (typeof paymentStates)[number];

/** How a line's stock stands: waiting until inventory has spoken; short: none of the order was set aside. */
export const reservationStates = [
  'waiting',
  'reserved',
  'short',
  'shipped',
  'released',
] as const;

/** How a line's stock stands: waiting until inventory has spoken; short: none of the order was set aside. */
export type ReservationState = (typeof reservationStates)[number];

/** How an order's shipment stands. */
export const shipmentStates = [
  'scheduled',
  'failed',
  'dispatched',
  'cancelled',
] as const;

/** How an order's shipment stands. */
export type ShipmentState = (typeof shipmentStates)[number];

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

/** A line of an order as the read model has it. */
export interface ViewLine {
  /** Stock keeping unit: SKU-0001. */
  readonly sku: string;
  /** The product as the customer saw it. */
  readonly name: string;
  /** Pieces, 1 or more. */
  readonly quantity: number;
  /** Price of one piece. */
  readonly unitPrice: Money;
  /** How its stock stands. */
  readonly reservation: ReservationState;
  /** short: pieces that were free; null for a line that there was enough of. */
  readonly available: number | null;
}

/** A mail of an order as the read model has it, without address. */
export interface ViewMail {
  /** Which mail. */
  readonly template: EmailTemplate;
  /** Whether it has left. */
  readonly state: MailState;
  /** Since when, epoch ms. */
  readonly at: number;
  /** unknown: what kept us from knowing. */
  readonly cause: string | null;
}

/** A step of the saga that is still to be taken. */
export interface ViewNextStep {
  /** Who owes it. */
  readonly service: string;
  /** What is to be done: charge. */
  readonly verb: string;
}

/** An order's payment as the read model has it. */
export interface ViewPayment {
  /** How it stands. */
  readonly state: PaymentState;
  /** What was charged; null if nothing was. */
  readonly amount: Money | null;
  /** What went back; null if nothing did. */
  readonly refunded: Money | null;
  /** failed: the provider's reason. */
  readonly declineReason: string | null;
}

/** An order's shipment as the read model has it. */
export interface ViewShipment {
  /** How it stands. */
  readonly state: ShipmentState;
  /** Who delivers; null if nobody was booked. */
  readonly carrier: string | null;
  /** The carrier's number. */
  readonly trackingNumber: string | null;
  /** Day of delivery, ISO 8601: 2026-01-31. */
  readonly promisedDate: string | null;
  /** failed: why. */
  readonly failure: string | null;
}

/** A step of the saga that was taken: one event, and where it lies. */
export interface ViewStep {
  /** Who took it. */
  readonly service: string;
  /** What was done: reserve. */
  readonly verb: string;
  /** What was said of it: StockReserved. */
  readonly event: string;
  /** When, epoch ms, by the clock of the service that took it. */
  readonly at: number;
  /** Since the event that called for it, ms; null where nothing did but a person or a deadline. */
  readonly durationMs: number | null;
  /** Version of the order in the event's topic. */
  readonly sequence: number;
  /** Where the event lies in its topic. */
  readonly partition: number | null;
  /** Where the event lies in its partition. */
  readonly offset: number | null;
}
