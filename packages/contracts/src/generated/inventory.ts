// Generated from schemas/ by `npm run generate`. Changes made here are lost.
import type { Money, Shortage, StockLine } from './values.ts';

/** A product is sold under this name at this price from now on. The newest for each SKU counts. */
export interface ProductListed {
  /** Stock keeping unit: SKU-0001; the partition key. */
  readonly sku: string;
  /** What customers see. */
  readonly name: string;
  /** Price of one piece. */
  readonly unitPrice: Money;
  /** When, epoch ms. */
  readonly listedAt: number;
}

/** What was set aside for a cancelled order is free again. */
export interface StockReservationCancelled {
  /** The order, UUIDv7; the partition key. */
  readonly orderId: string;
  /** What went back. */
  readonly lines: readonly StockLine[];
  /** When, epoch ms. */
  readonly cancelledAt: number;
}

/** Not every line could be had, so nothing was set aside. */
export interface StockReservationFailed {
  /** The order, UUIDv7; the partition key. */
  readonly orderId: string;
  /** Each product that fell short. */
  readonly shortages: readonly Shortage[];
  /** When, epoch ms. */
  readonly failedAt: number;
}

/** All lines of the order are set aside. */
export interface StockReserved {
  /** The order, UUIDv7; the partition key. */
  readonly orderId: string;
  /** What was set aside, the whole order. */
  readonly lines: readonly StockLine[];
  /** When, epoch ms. */
  readonly reservedAt: number;
}

/** What was set aside for a confirmed order has left the warehouse. */
export interface StockShipped {
  /** The order, UUIDv7; the partition key. */
  readonly orderId: string;
  /** What left. */
  readonly lines: readonly StockLine[];
  /** When, epoch ms. */
  readonly shippedAt: number;
}
