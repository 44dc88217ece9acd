import type { Address } from './carrier.ts';
import type { Shipment, ShipmentChange } from './shipment.ts';

/** The state that a batch touches, and what of it is not saved yet. */
export interface World {
  /** By order id; an order that isn't here was never heard of. */
  readonly shipments: Map<string, Shipment>;
  readonly unsaved: {
    /** Orders whose shipment is new. */
    readonly added: Set<string>;
    /** Orders whose shipment has changed. */
    readonly altered: Set<string>;
    /** New and corrected addresses, by order id. */
    readonly addresses: Map<string, Address>;
  };
}

export const createWorld = (shipments: Iterable<Shipment> = []): World => ({
  shipments: new Map(Array.from(shipments, (shipment) => [shipment.orderId, shipment])),
  unsaved: { added: new Set(), altered: new Set(), addresses: new Map() },
});

/** How an order's shipment stands; `none` for an order that was never heard of. */
export const shipmentOf = (world: World, orderId: string): Shipment =>
  world.shipments.get(orderId) ?? { orderId, state: 'none' };

export function evolve(world: World, { shipment, address }: ShipmentChange): void {
  const { orderId } = shipment;
  const { added, altered, addresses } = world.unsaved;
  if (address !== undefined) addresses.set(orderId, address);
  if (shipment.state !== 'addressed') {
    if (isStored(world.shipments.get(orderId)) && !added.has(orderId)) altered.add(orderId);
    else added.add(orderId);
  }
  world.shipments.set(orderId, shipment);
}

/** An order of which only the address is known has no row in shipments: the address alone says so. */
const isStored = (shipment: Shipment | undefined): boolean =>
  shipment !== undefined && shipment.state !== 'addressed';
