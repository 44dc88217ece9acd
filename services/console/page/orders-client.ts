import { ApiProblem, ask } from './api.ts';
import { type JourneyEvent, tellJourney } from './journey.ts';
import { eventsOf, type LiveEvent, remember } from './live.ts';
import { isFound, type OrderSearch } from './order-search.ts';
import type { Status } from './order-status.ts';
import { type Facets, findInView, readStepsOfView } from './orders-of-view.ts';
import { session } from './session.ts';

export interface OrderSummary {
  readonly orderId: string;
  readonly customerId: string;
  readonly status: Status;
  readonly reason?: string;
  /** Minor units. */
  readonly totalAmount: number;
  readonly currency: string;
  readonly createdAt: string;
  /** Told by the read model; without it, as far as it follows from what was heard. */
  readonly waitsFor?: Wait;
}

export interface OrderDetail extends OrderSummary {
  readonly items: readonly { sku: string; name: string; quantity: number; unitPrice: number }[];
  readonly history: readonly JourneyEvent[];
}

/** The step that a pending order waits for. */
export interface Wait {
  readonly service: string;
  readonly verb: string;
}

/** What a search has found: those in flight first, the one that waits longest on top. */
export interface Found {
  readonly orders: readonly OrderSummary[];
  readonly hasMore: boolean;
  readonly facets: Facets | null;
  /** Why the read model could not be asked: the order service knows less. */
  readonly withoutView: string | undefined;
}

interface OrderPage {
  readonly orders: readonly OrderSummary[];
  readonly nextCursor: string | null;
}

interface HistoryEntry extends Omit<JourneyEvent, 'at'> {
  readonly at: string;
}

const PAGE = 100;
/** Of orders in flight: the oldest must be among them, and order lists them newest first. */
const MAX_PAGES = 10;
const ASKED_WHAT_THEY_WAIT_FOR = 20;

/** Why order-view can't be asked; undefined for what it has answered, and for any other failure: those are to be shown. */
function whyAway(error: unknown): string | undefined {
  const isAway = error instanceof ApiProblem && (error.body.status === 503 || error.body.status === 504);
  return isAway ? error.message : undefined;
}

const noView = 'There is no order-view here';

/** By order-view; where that is away, by the order service, which can look for less. Throws ApiProblem. */
export async function findOrders(search: OrderSearch, pages: number): Promise<Found> {
  if (!session.value.hasOrderView) return findInOrder(search, pages, noView);
  try {
    return await findInView(search, pages);
  } catch (error) {
    const why = whyAway(error);
    if (why === undefined) throw error;
    return findInOrder(search, pages, why);
  }
}

async function findInOrder(search: OrderSearch, pages: number, withoutView: string): Promise<Found> {
  const { status } = search;
  const [pending, listed] = await Promise.all([
    status === 'all' || status === 'PENDING' ? listFromOrder('PENDING', MAX_PAGES) : undefined,
    status === 'PENDING' ? undefined : listFromOrder(status === 'all' ? undefined : status, pages),
  ]);
  const found = (orders: readonly OrderSummary[] = []) => orders.filter((order) => isFound(search, order));
  const inFlight = [...found(pending?.orders)].sort((a, b) => a.createdAt.localeCompare(b.createdAt));
  const asked = await addWaits(inFlight.slice(0, ASKED_WHAT_THEY_WAIT_FOR));
  return {
    orders: [
      ...asked,
      ...inFlight.slice(asked.length),
      ...found(listed?.orders).filter((order) => order.status !== 'PENDING'),
    ],
    hasMore: (listed?.nextCursor ?? null) !== null,
    facets: null,
    withoutView,
  };
}

async function listFromOrder(status: Status | undefined, pages: number): Promise<OrderPage> {
  const orders: OrderSummary[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < pages; page += 1) {
    const query = new URLSearchParams({ limit: String(PAGE) });
    if (status !== undefined) query.set('status', status);
    if (cursor !== null) query.set('cursor', cursor);
    const answer: OrderPage = await ask(`/api/orders?${query}`);
    orders.push(...answer.orders);
    cursor = answer.nextCursor;
    if (cursor === null) break;
  }
  return { orders, nextCursor: cursor };
}

/** The order as its own service has it, and what the console has heard of it. Throws ApiProblem. */
export async function readOrder(orderId: string): Promise<OrderDetail> {
  const path = `/api/orders/${encodeURIComponent(orderId)}`;
  const [order, { events }] = await Promise.all([
    ask<Omit<OrderDetail, 'history'> & { history: readonly HistoryEntry[] }>(path),
    ask<{ events: readonly LiveEvent[] }>(`${path}/events`),
  ]);
  remember(events);
  return { ...order, history: order.history.map((entry) => ({ ...entry, at: Date.parse(entry.at) })) };
}

/** What the read model knows of an order's events: where each of them lies. */
export interface KnownSteps {
  readonly steps: readonly JourneyEvent[];
  /** Why the read model could not be asked. */
  readonly withoutView: string | undefined;
}

/** Waits a while for an order that order-view has not heard of yet. Throws ApiProblem. */
export async function readSteps(orderId: string): Promise<KnownSteps> {
  if (!session.value.hasOrderView) return { steps: [], withoutView: noView };
  try {
    return { steps: await readStepsOfView(orderId), withoutView: undefined };
  } catch (error) {
    const withoutView = whyAway(error);
    if (withoutView === undefined) throw error;
    return { steps: [], withoutView };
  }
}

/** What each waits for, as it follows from the events. */
const addWaits = (orders: readonly OrderSummary[]): Promise<readonly OrderSummary[]> =>
  Promise.all(
    orders.map(async (order) => {
      const remembered = eventsOf(order.orderId);
      const isWhole = remembered.some(({ event }) => event === 'OrderCreated');
      const known = isWhole ? remembered : (await readOrder(order.orderId)).history;
      const due = tellJourney(known).due.find(({ service }) => service !== 'email');
      return due === undefined ? order : { ...order, waitsFor: due };
    }),
  );
