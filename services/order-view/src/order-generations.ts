import type { OrderReadModel } from '@skald/contracts';
import type { OrderStore, Positions } from './order-store.ts';

/**
 * A store holds the read model in generations: one is live, one may be building, and of the last ones some are kept. The live
 * one is reached by a name that never changes (tables, an alias), so that switching needs nothing of those who read and write it.
 */
export interface OrderGenerations {
  /** By number, oldest first. */
  list(): Promise<readonly Generation[]>;
  /** A new, empty one, beside the others; answers its number. */
  create(): Promise<number>;
  open(number: number): GenerationStore;
  /**
   * Looks at the live one and at this one as they are at one moment. Orders that only one of them can have been told of yet, by
   * its positions, are in motion, and no difference. `since`: those alone whose place in either lies at or behind it.
   */
  compare(number: number, since?: Positions): Promise<Comparison>;
  /**
   * Makes this one live, and the live one kept. Whoever tells the live one is held back, and `level` called: it has to bring this
   * one to where the live one stands. Once it is done, whoever was held back goes on with this one, so none is told less than the other
   * was. What `level` throws is thrown on, and nothing has changed. No reader sees an error, or a moment without orders.
   */
  switchTo(number: number, level: () => Promise<void>): Promise<void>;
  /** Nothing where there is none. Throws where it is the live one. */
  drop(number: number): Promise<void>;
}

export interface Generation {
  readonly number: number;
  readonly state: 'building' | 'live' | 'kept';
  /** Epoch ms. */
  readonly createdAt: number;
  /** Epoch ms, when it last became live; null where it never was. */
  readonly liveSince: number | null;
}

/** One generation by its own name: to be filled, then told as the live one is. */
export interface GenerationStore extends Pick<OrderStore, 'positions'> {
  /**
   * As that of OrderStore; and the same version at a later offset moves the order's place, and nothing else: what was folded may be
   * there before it is published.
   */
  upsert(...told: Parameters<OrderStore['upsert']>): Promise<void>;
  /**
   * Takes orders in that it has not: each at the place where the live one has it, whatever its version there, so that streams go on
   * where they are; at offset -1 where the live one hasn't.
   */
  fill(models: readonly OrderReadModel[]): Promise<void>;
  /** After the last of them: whatever makes it as fast as the live one (statistics, a refresh). */
  settle(): Promise<void>;
}

export interface Comparison {
  /** Orders that were compared, of both together. */
  readonly orders: number;
  /** Over id, version and model of each of them, in whatever order: hexadecimal. */
  readonly hashes: { readonly live: string; readonly rebuilt: string };
  /** Orders that were not, as only one generation can have been told of their newest version. */
  readonly inMotion: number;
  readonly differences: number;
  /** The first `exampleLimit` of them by id. */
  readonly examples: readonly Difference[];
}

/** An order that they have in different versions, or with different content in one; null: it isn't there. */
export interface Difference {
  readonly orderId: string;
  readonly live: number | null;
  readonly rebuilt: number | null;
}

export const exampleLimit = 10;
