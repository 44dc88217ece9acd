import type { Booking } from './carrier.ts';

interface Asked {
  /** UUIDv7; from the booking on the shipment has an id of its own. */
  readonly shipmentId: string;
}

interface Booked extends Asked {
  readonly booking: Booking;
}

/**
 * How an order's shipment stands, and what is known of it then.
 * - `none`: not heard of yet
 * - `addressed`: the address is known; waits for the payment
 * - `paid`: paid; waits for the address, which the payment has overtaken
 * - `booking`: the carrier is asked, its answer is not in yet
 * - `scheduled`: booked; waits for the order's word
 * - `refused`: the carrier does not serve the address
 * - `dispatched`: confirmed, and on its way
 * - `cancelling`: cancelled while the booking is in flight: called off once its answer is known
 * - `called-off`: was booked, then cancelled
 * - `cancelled`: a tombstone: cancelled before anything was booked, so nothing ever will be
 */
interface KnownInState {
  none: unknown;
  addressed: unknown;
  paid: unknown;
  booking: Asked;
  scheduled: Booked;
  refused: Asked & { readonly refusal: string };
  dispatched: Booked;
  cancelling: Asked;
  'called-off': Booked;
  cancelled: unknown;
}

export type ShipmentState = keyof KnownInState;

export type Shipment<State extends ShipmentState = ShipmentState> = {
  readonly [S in State]: { readonly orderId: string; readonly state: S } & KnownInState[S];
}[State];

/** A shipment that has a row: of an order of which only the address is known there is none. */
export type StoredShipment = Shipment<Exclude<ShipmentState, 'none' | 'addressed'>>;
