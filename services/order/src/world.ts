import type { Contact } from './notifications.ts';
import { evolve as evolveOrder, initialState, type Order, type OrderEvent } from './order.ts';
import type { Product } from './pricing.ts';

/** What another service did for an order. `sequence`: its version in the topic. `at`: epoch ms. */
export interface HistoryEntry {
  readonly orderId: string;
  readonly topic: string;
  readonly sequence: number;
  readonly name: string;
  readonly at: number;
  /** Why it changed nothing, if so. */
  readonly ignored: string | null;
}

/** A product, with the version of its listing. */
export interface ListedProduct extends Product {
  readonly sequence: number;
}

/** Who used an Idempotency-Key first, and for what. */
export interface Claim {
  readonly orderId: string;
  readonly fingerprint: string;
  /** Claimed by this very batch, so not answered yet. */
  readonly fresh: boolean;
}

/** One of an order's own events, at its place. `at`: epoch ms. */
export interface StoredEvent {
  readonly orderId: string;
  readonly version: number;
  readonly event: OrderEvent;
  readonly at: number;
}

/** All that a batch touches: what was loaded, and what is to be saved. */
export interface World {
  /** Of the inputs that need it, and of those placed in this batch. */
  readonly orders: Map<string, Order>;
  readonly contacts: Map<string, Contact>;
  /** By caller and key: `claimId`. */
  readonly claims: ReadonlyMap<string, Claim>;
  readonly events: StoredEvent[];
  readonly history: HistoryEntry[];
  /** Orders placed in this batch → the correlation id that they are followed by. */
  readonly placed: Map<string, string>;
  /** Orders whose state this batch changed. */
  readonly changed: Set<string>;
  /** Products to save, by SKU: the newest listing of each. */
  readonly products: Map<string, ListedProduct>;
}

/** What one decision does. */
export type Change =
  | { readonly kind: 'history'; readonly entry: HistoryEntry }
  | { readonly kind: 'product'; readonly product: ListedProduct }
  | {
      readonly kind: 'order';
      readonly orderId: string;
      readonly events: readonly OrderEvent[];
      /** Epoch ms. */
      readonly at: number;
      readonly entry?: HistoryEntry | undefined;
      /** Of a new order. */
      readonly placed?: { readonly contact: Contact; readonly correlationId: string };
    };

export const claimId = (caller: string, key: string): string => `${caller} ${key}`;

export function emptyWorld(claims: ReadonlyMap<string, Claim> = new Map()): World {
  return {
    orders: new Map(),
    contacts: new Map(),
    claims,
    events: [],
    history: [],
    placed: new Map(),
    changed: new Set(),
    products: new Map(),
  };
}

export function evolve(world: World, change: Change): void {
  if (change.kind === 'history') {
    world.history.push(change.entry);
    return;
  }
  if (change.kind === 'product') {
    const { product } = change;
    const known = world.products.get(product.sku);
    if (!known || known.sequence < product.sequence) world.products.set(product.sku, product);
    return;
  }
  const { orderId, at, entry, placed } = change;
  let order = world.orders.get(orderId) ?? initialState;
  for (const event of change.events) {
    order = evolveOrder(order, event);
    world.events.push({ orderId, version: order.version, event, at });
  }
  world.orders.set(orderId, order);
  world.changed.add(orderId);
  if (entry) world.history.push(entry);
  if (placed) {
    world.placed.set(orderId, placed.correlationId);
    world.contacts.set(orderId, placed.contact);
  }
}
