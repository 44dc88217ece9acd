import type { Product } from './catalogue.ts';
import type { Reservation } from './reservation.ts';
import type { Stock } from './stock.ts';

/** The state that a batch touches, and what of it is not saved yet. */
export interface World {
  /** By order id; an order that isn't here holds no reservation. */
  readonly reservations: Map<string, Reservation>;
  /** By SKU; locked until the batch is committed. */
  readonly stock: Map<string, Stock>;
  /** The catalogue was listed before. */
  catalogueIsListed: boolean;
  readonly unsaved: {
    /** Orders whose reservation is new, or has changed. */
    readonly reservations: Set<string>;
    /** SKUs whose stock has changed. */
    readonly stock: Set<string>;
    /** Products that are new. */
    readonly products: Product[];
  };
}

/** What one decision does to the world. */
export interface Change {
  readonly reservation?: Reservation;
  /** The rows after the change. */
  readonly stock: readonly Stock[];
  readonly products?: readonly Product[];
}

export const createWorld = (
  reservations: Iterable<Reservation> = [],
  stock: Iterable<Stock> = [],
  catalogueIsListed = true,
): World => ({
  reservations: new Map(Array.from(reservations, (reservation) => [reservation.orderId, reservation])),
  stock: new Map(Array.from(stock, (row) => [row.sku, row])),
  catalogueIsListed,
  unsaved: { reservations: new Set(), stock: new Set(), products: [] },
});

/** How an order's reservation stands; `none` for an order that was never heard of. */
export const reservationOf = (world: World, orderId: string): Reservation =>
  world.reservations.get(orderId) ?? { orderId, state: 'none', lines: [] };

export function evolve(world: World, change: Change): void {
  const { reservations, unsaved } = world;
  if (change.reservation !== undefined) {
    const { orderId } = change.reservation;
    unsaved.reservations.add(orderId);
    reservations.set(orderId, change.reservation);
  }
  for (const row of change.stock) {
    unsaved.stock.add(row.sku);
    world.stock.set(row.sku, row);
  }
  if (change.products !== undefined) {
    unsaved.products.push(...change.products);
    world.catalogueIsListed = true;
  }
}
