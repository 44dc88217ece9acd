// Generated from schemas/ by `npm run generate`. Changes made here are lost.

/** The booking of a cancelled order was called off before anything left. */
export interface ShipmentCancelled {
  /** The order, UUIDv7; the partition key. */
  readonly orderId: string;
  /** The shipment, UUIDv7. */
  readonly shipmentId: string;
  /** When, epoch ms. */
  readonly cancelledAt: number;
}

/** The parcel of a confirmed order is on its way. */
export interface ShipmentDispatched {
  /** The order, UUIDv7; the partition key. */
  readonly orderId: string;
  /** The shipment, UUIDv7. */
  readonly shipmentId: string;
  /** The carrier's number. */
  readonly trackingNumber: string;
  /** When, epoch ms. */
  readonly dispatchedAt: number;
}

/** No carrier delivers to the address. */
export interface ShipmentFailed {
  /** The order, UUIDv7; the partition key. */
  readonly orderId: string;
  /** Why: ADDRESS_UNSERVICEABLE. */
  readonly code: string;
  /** When, epoch ms. */
  readonly failedAt: number;
}

/** A carrier has accepted the order for a day. */
export interface ShipmentScheduled {
  /** The order, UUIDv7; the partition key. */
  readonly orderId: string;
  /** The shipment, UUIDv7. */
  readonly shipmentId: string;
  /** Who delivers. */
  readonly carrier: string;
  /** The carrier's number. */
  readonly trackingNumber: string;
  /** Day of delivery, ISO 8601: 2026-01-31. */
  readonly promisedDate: string;
  /** When the carrier accepted, epoch ms. */
  readonly scheduledAt: number;
  /** What was booked with the carrier: standard, express. Since version 2; null in records older than that. */
  readonly serviceLevel: string | null;
}
