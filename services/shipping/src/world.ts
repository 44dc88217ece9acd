import type { Address } from './carrier.ts';
import type { ShipmentChange } from './shipment.ts';
import type { Shipment } from './shipment-state.ts';

/** The state that a batch touches, and what of it is not saved yet. */
export interface World {
  /** By order id; an order that isn't here was never heard of. */
  readonly shipments: Map<string, Shipment>;
  readonly unsaved: {
    /** Orders whose shipment is new, or has changed. */
    readonly shipments: Set<string>;
    /** New and corrected addresses, by order id. */
    readonly addresses: Map<string, Address>;
  };
}

export const createWorld = (shipments: Iterable<Shipment> = []): World => ({
  shipments: new Map(Array.from(shipments, (shipment) => [shipment.orderId, shipment])),
  unsaved: { shipments: new Set(), addresses: new Map() },
});

/** How an order's shipment stands; `none` for an order that was never heard of. */
export const shipmentOf = (world: World, orderId: string): Shipment =>
  world.shipments.get(orderId) ?? { orderId, state: 'none' };

export function evolve({ shipments, unsaved }: World, { shipment, address }: ShipmentChange): void {
  const { orderId, state } = shipment;
  shipments.set(orderId, shipment);
  // An order of which only the address is known has no row in shipments: the address alone says so.
  if (state !== 'addressed') unsaved.shipments.add(orderId);
  if (address !== undefined) unsaved.addresses.set(orderId, address);
}
