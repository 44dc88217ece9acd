// Generated from schemas/ by `npm run generate`. Changes made here are lost.
import type { Money } from './values.ts';

/** The order is paid in full. */
export interface PaymentCompleted {
  /** The order, UUIDv7; the partition key. */
  readonly orderId: string;
  /** The payment, UUIDv7; one for each order. */
  readonly paymentId: string;
  /** The provider's number of the charge. */
  readonly chargeId: string;
  /** What was charged: the order's total. */
  readonly amount: Money;
  /** When, epoch ms. */
  readonly completedAt: number;
}

/** The provider refused the charge; no money has moved. */
export interface PaymentFailed {
  /** The order, UUIDv7; the partition key. */
  readonly orderId: string;
  /** The payment, UUIDv7; one for each order. */
  readonly paymentId: string;
  /** The provider's reason: card_declined, insufficient_funds. */
  readonly code: string;
  /** When, epoch ms. */
  readonly failedAt: number;
}

/** The whole charge of a cancelled order went back. */
export interface PaymentRefunded {
  /** The order, UUIDv7; the partition key. */
  readonly orderId: string;
  /** The payment, UUIDv7; one for each order. */
  readonly paymentId: string;
  /** The provider's number of the charge. */
  readonly chargeId: string;
  /** The provider's number of the refund. */
  readonly refundId: string;
  /** What went back: the whole charge. */
  readonly amount: Money;
  /** When, epoch ms. */
  readonly refundedAt: number;
}
