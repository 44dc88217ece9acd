import type { OrderReadModel, OrderStatus, ServiceName } from '@skald/contracts';

/** Partition of orders.read-model → the offset to go on reading at. A partition that isn't named begins at 0. */
export type Positions = ReadonlyMap<number, number>;

/** A version of an order, and where it lies in orders.read-model. */
export interface Change {
  readonly partition: number;
  readonly offset: number;
  readonly model: OrderReadModel;
}

/** Which orders: all that holds at once. */
export interface Filter {
  readonly customerId?: string | undefined;
  readonly sku?: string | undefined;
  readonly status?: OrderStatus | undefined;
  /** The service that owes the next step. */
  readonly waitsFor?: ServiceName | undefined;
  /**
   * Eight hexadecimal digits or more begin an order's id. All else is words, each of which stands in the name of one of the
   * order's products: whole words, case aside.
   */
  readonly text?: string | undefined;
  /** Minor units, both bounds included. */
  readonly minAmount?: number | undefined;
  readonly maxAmount?: number | undefined;
  readonly currency?: string | undefined;
  /** Epoch ms: placed then or later. */
  readonly from?: number | undefined;
  /** Epoch ms: placed before. */
  readonly to?: number | undefined;
}

/** Behind which order a page begins. */
export interface Place {
  readonly placedAt: number;
  readonly orderId: string;
}

export interface Search {
  readonly filter: Filter;
  /** By the time they were placed, and within one millisecond by id. */
  readonly sort: 'newest' | 'oldest';
  readonly limit: number;
  readonly after?: Place | undefined;
}

export type Counts = Readonly<Record<string, number>>;

/** How the newest of the orders that match, `facetLimit` at most, are told apart. */
export interface Facets {
  readonly total: number;
  /** False: there are more than were counted. */
  readonly isWhole: boolean;
  readonly status: Counts;
  /** Of the `facetSkus` that most orders hold. */
  readonly sku: Counts;
  /** The service that owes the next step. */
  readonly waitsFor: Counts;
}

export const facetLimit = 10_000;
export const facetSkus = 20;

/**
 * Where the read model is kept and found. It is told each version at least once, in any company, old ones too; of one order
 * it keeps the newest. Customer, lines, total and time of an order never change.
 * All of it throws TransientError while the store is away.
 */
export interface OrderStore {
  /** How far it has been told. */
  positions(): Promise<Positions>;
  /**
   * Takes consecutive records of one partition in, and moves its position, never back, both or none; a store without
   * transactions moves the position last. Answers the orders whose version was newer than what was there.
   */
  upsert(changes: readonly Change[], partition: number, nextOffset: number): Promise<readonly string[]>;
  get(orderId: string): Promise<OrderReadModel | undefined>;
  search(search: Search): Promise<readonly OrderReadModel[]>;
  facets(filter: Filter): Promise<Facets>;
  /**
   * Orders whose newest version lies at or behind these positions, each partition's in its order, `limit` of each partition
   * at most.
   */
  changes(after: Positions, limit: number): Promise<readonly Change[]>;
}
