import { ask } from './api.ts';
import type { JourneyEvent } from './journey.ts';
import { type OrderSearch, queryOf } from './order-search.ts';
import type { Status } from './order-status.ts';
import type { Found, OrderSummary, Wait } from './orders-client.ts';

/** What order-view answers, as far as the page reads it: see services/order-view. */
interface ViewPage {
  readonly orders: readonly {
    readonly orderId: string;
    readonly customerId: string;
    readonly status: Status;
    readonly reason: string | null;
    readonly total: { readonly amount: number; readonly currency: string };
    readonly placedAt: string;
    readonly waitsFor: Wait | null;
  }[];
  readonly nextCursor: string | null;
  readonly facets: Facets | null;
}

/** How the orders that were found are told apart. */
export interface Facets {
  readonly total: number;
  /** False: only the newest were counted. */
  readonly isWhole: boolean;
  readonly status: Readonly<Record<string, number>>;
  readonly sku: Readonly<Record<string, number>>;
  readonly waitsFor: Readonly<Record<string, number>>;
}

interface ViewTimeline {
  readonly steps: readonly {
    readonly service: string;
    readonly event: string;
    readonly at: string;
    readonly topic: string;
    readonly sequence: number;
    readonly partition: number | null;
    readonly offset: number | null;
  }[];
}

const PAGE = 50;

/**
 * Those in flight with the one that waits longest first; all others the newest first, as many pages of them as asked for.
 * Throws ApiProblem.
 */
export async function findInView(search: OrderSearch, pages: number): Promise<Found> {
  const { status } = search;
  const isAll = status === 'all';
  const [waiting, listed, counted] = await Promise.all([
    isAll ? readPage(search, { status: 'PENDING', sort: 'oldest' }) : undefined,
    readPages(search, isAll ? {} : { status, sort: status === 'PENDING' ? 'oldest' : 'newest' }, pages),
    // Of all that match, so that each choice tells what it would show.
    isAll ? undefined : readPage(search, { limit: '1' }),
  ]);
  const first = waiting?.orders.map(describe) ?? [];
  const rest = listed.orders.map(describe);
  const isFirst = new Set(first.map(({ orderId }) => orderId));
  return {
    orders: [...first, ...rest.filter(({ orderId }) => !isFirst.has(orderId))],
    hasMore: listed.nextCursor !== null,
    facets: (counted ?? listed).facets,
    withoutView: undefined,
  };
}

/** One after the other, as each says where the next begins. */
async function readPages(
  search: OrderSearch,
  how: Readonly<Record<string, string>>,
  pages: number,
): Promise<ViewPage> {
  const first = await readPage(search, how);
  const orders = [...first.orders];
  let { nextCursor } = first;
  for (let page = 1; page < pages && nextCursor !== null; page += 1) {
    const next = await readPage(search, { ...how, cursor: nextCursor });
    orders.push(...next.orders);
    nextCursor = next.nextCursor;
  }
  return { orders, nextCursor, facets: first.facets };
}

function readPage(search: OrderSearch, how: Readonly<Record<string, string>>): Promise<ViewPage> {
  const query = queryOf(search);
  for (const [name, value] of Object.entries({ limit: String(PAGE), ...how })) query.set(name, value);
  return ask(`/api/order-view/orders?${query}`);
}

const describe = (order: ViewPage['orders'][number]): OrderSummary => ({
  orderId: order.orderId,
  customerId: order.customerId,
  status: order.status,
  createdAt: order.placedAt,
  totalAmount: order.total.amount,
  currency: order.total.currency,
  ...(order.reason !== null && { reason: order.reason }),
  ...(order.waitsFor !== null && { waitsFor: order.waitsFor }),
});

/** Where the events of an order lie; waits until it is known, as it was placed a moment ago. Throws ApiProblem. */
export async function readStepsOfView(orderId: string): Promise<readonly JourneyEvent[]> {
  const path = `/api/order-view/orders/${encodeURIComponent(orderId)}/timeline`;
  const { steps } = await ask<ViewTimeline>(`${path}?after=1`);
  return steps.map(({ service, event, at, topic, sequence, partition, offset }) => ({
    service,
    event,
    topic,
    sequence,
    at: Date.parse(at),
    ...(partition !== null && offset !== null && { partition, offset }),
  }));
}
