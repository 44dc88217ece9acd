import type { Change, OrderStore, Positions } from './order-store.ts';

/** Somebody who waits for a change. */
export interface Listener {
  /** Resolves when something has changed since it listens, or may have. Never rejects. */
  readonly changed: Promise<void>;
  /** Listens no longer. */
  close(): void;
}

/** Tells those who wait that the store has changed. */
export interface Feed {
  /** These orders have changed, here. */
  ring(orderIds: readonly string[]): void;
  /** Waits for a change of an order, or of any, for so long at most, ms. Listen first, then look: nothing is missed. */
  listen(ms: number, orderId?: string): Listener;
  /** What has changed since these positions. Readers who stand at the same place share one look. */
  look(after: Positions): Promise<readonly Change[]>;
  /** Whoever waits is told at once, from now on. */
  stop(): void;
}

/** Orders of each partition that a look answers at most. */
export const LOOK_LIMIT = 100;
/** What another instance has taken in rings no bell here: it is looked for this often, and only while somebody waits. */
export const POLL_MS = 1_000;

export function createFeed(store: Pick<OrderStore, 'changes'>, pollMs = POLL_MS): Feed {
  const listeners = new Set<{ readonly orderId: string | undefined; tell(): void }>();
  /** By where the reader stands. What is in here began to be read after the last ring. */
  const looks = new Map<string, Promise<readonly Change[]>>();
  let isStopped = false;

  return {
    ring(orderIds) {
      if (orderIds.length === 0) return;
      looks.clear();
      const ids = new Set(orderIds);
      for (const listener of listeners)
        if (listener.orderId === undefined || ids.has(listener.orderId)) listener.tell();
    },
    listen(ms, orderId) {
      let close = () => {};
      const changed = new Promise<void>((resolve) => {
        const listener = { orderId, tell: () => close() };
        const timer = setTimeout(listener.tell, isStopped ? 0 : Math.min(ms, pollMs));
        close = () => {
          clearTimeout(timer);
          listeners.delete(listener);
          resolve();
        };
        listeners.add(listener);
      });
      return { changed, close: () => close() };
    },
    look(after) {
      const place = positionsText(after);
      const known = looks.get(place);
      if (known !== undefined) return known;
      const look = store.changes(after, LOOK_LIMIT);
      looks.set(place, look);
      // Shared by those who come while it is under way; a later one might see what another instance did meanwhile.
      const forget = () => {
        if (looks.get(place) === look) looks.delete(place);
      };
      look.then(forget, forget);
      return look;
    },
    stop() {
      isStopped = true;
      for (const listener of listeners) listener.tell();
    },
  };
}

/** Positions as a text: the offset of each partition, from 0 on. */
export function positionsText(positions: Positions): string {
  const length = Math.max(0, ...[...positions.keys()].map((partition) => partition + 1));
  return Array.from({ length }, (_, partition) => positions.get(partition) ?? 0).join('.');
}

/** Undefined for a text that is none. */
export function parsePositions(text: string): Positions | undefined {
  if (text === '') return new Map();
  if (!/^\d{1,15}(?:\.\d{1,15}){0,999}$/.test(text)) return undefined;
  return new Map(text.split('.').map((offset, partition) => [partition, Number(offset)]));
}
