// Generated from schemas/ by `npm run generate`. Changes made here are lost.
import type { CancelReason, EmailTemplate, Money, OrderLine, OrderStatus, ViewLine, ViewMail, ViewNextStep, ViewPayment, ViewShipment, ViewStep } from './values.ts';

/** A mail that the customer shall get, with all that its text needs. Personal data: kept for seven days. */
export interface EmailNotification {
  /** This notification, UUIDv7; what the mail is sent once for. */
  readonly notificationId: string;
  /** The order, UUIDv7; the partition key. */
  readonly orderId: string;
  /** Which mail. */
  readonly template: EmailTemplate;
  /** The customer's address. */
  readonly email: string;
  /** How the mail addresses the customer. */
  readonly name: string;
  /** order-confirmation: what was ordered. */
  readonly lines: readonly OrderLine[] | null;
  /** order-confirmation: the sum. */
  readonly total: Money | null;
  /** order-cancelled: why. */
  readonly reason: CancelReason | null;
  /** shipment-scheduled: who delivers. */
  readonly carrier: string | null;
  /** shipment-scheduled: the carrier's number. */
  readonly trackingNumber: string | null;
  /** shipment-scheduled: day of delivery, ISO 8601: 2026-01-31. */
  readonly promisedDate: string | null;
}

/** The order has ended without a shipment; each participant undoes what it did. */
export interface OrderCancelled {
  /** The order, UUIDv7; the partition key. */
  readonly orderId: string;
  /** Why. */
  readonly reason: CancelReason;
  /** When the order service cancelled, epoch ms. */
  readonly cancelledAt: number;
}

/** The pivot: the order is reserved, paid and booked, and can no longer be cancelled. */
export interface OrderConfirmed {
  /** The order, UUIDv7; the partition key. */
  readonly orderId: string;
  /** The shipment that was scheduled, UUIDv7. */
  readonly shipmentId: string;
  /** When the order service confirmed, epoch ms. */
  readonly confirmedAt: number;
}

/** Where the order goes. Personal data: travels in a topic that forgets, never in a kept one. */
export interface OrderContact {
  /** The order, UUIDv7; the partition key. */
  readonly orderId: string;
  /** Recipient. */
  readonly name: string;
  /** Street and number. */
  readonly street: string;
  /** Postal code, as written in the country. */
  readonly postalCode: string;
  /** City. */
  readonly city: string;
  /** ISO 3166-1 alpha-2 code: DE. */
  readonly country: string;
  /** The customer's address for mail. */
  readonly email: string;
}

/** An order was placed and priced. It starts the saga. */
export interface OrderCreated {
  /** The order, UUIDv7; the partition key. */
  readonly orderId: string;
  /** The customer, as the shop's own system calls them; says nothing about the person. */
  readonly customerId: string;
  /** What was ordered: at least one line, each SKU once. */
  readonly lines: readonly OrderLine[];
  /** Sum of quantity times unit price over all lines. */
  readonly total: Money;
  /** The payment provider's token: tok_visa. Never a card number. */
  readonly paymentMethod: string;
  /** When the order was accepted, epoch ms. */
  readonly createdAt: number;
}

/** All that is known of an order, put together from the events of all services. Says nothing about a person. */
export interface OrderReadModel {
  /** The order, UUIDv7; the partition key. */
  readonly orderId: string;
  /** How many of the order's events it holds, of all topics: the record's ce_sequence. */
  readonly version: number;
  /** How the order stands. */
  readonly status: OrderStatus;
  /** CANCELLED: why. */
  readonly reason: CancelReason | null;
  /** The customer, as the shop's own system calls them; says nothing about the person. */
  readonly customerId: string;
  /** What was ordered, and what became of its stock. */
  readonly lines: readonly ViewLine[];
  /** Sum of quantity times unit price over all lines. */
  readonly total: Money;
  /** When the order was accepted, epoch ms. */
  readonly placedAt: number;
  /** Time of the newest of its events, epoch ms. */
  readonly updatedAt: number;
  /** null until payment has spoken. */
  readonly payment: ViewPayment | null;
  /** null until shipping has spoken. */
  readonly shipment: ViewShipment | null;
  /** In the order they were told. */
  readonly mails: readonly ViewMail[];
  /** Steps taken, in the order of time. */
  readonly steps: readonly ViewStep[];
  /** Steps still to come if nothing fails, in the order of the saga. */
  readonly remaining: readonly ViewNextStep[];
  /** The step it waits for, and whose it is; null once nothing is to come. */
  readonly waitsFor: ViewNextStep | null;
}
