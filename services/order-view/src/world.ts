import type { View } from './view.ts';

/** The orders that a batch touches, and which of them are not saved yet. */
export interface World {
  /** By order id; an order that isn't here was never heard of. */
  readonly views: Map<string, View>;
  readonly unsaved: Set<string>;
}

export const createWorld = (views: Iterable<View> = []): World => ({
  views: new Map(Array.from(views, (view) => [view.orderId, view])),
  unsaved: new Set(),
});

export function evolve({ views, unsaved }: World, view: View): void {
  views.set(view.orderId, view);
  unsaved.add(view.orderId);
}

export const changedIn = ({ views, unsaved }: World): View[] =>
  Array.from(unsaved, (orderId) => views.get(orderId)).filter((view) => view !== undefined);
