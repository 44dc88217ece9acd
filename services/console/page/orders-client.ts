import { ask } from './api.ts';
import { type JourneyEvent, tellJourney } from './journey.ts';
import { eventsOf, type LiveEvent, remember } from './live.ts';
import { listFromView, readStepsOfView } from './orders-of-view.ts';
import type { Status } from './parts.tsx';
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
  /** Told by the read model alone. */
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

/** By order-view, where there is one and it answers; else by the order service. Throws ApiProblem. */
export async function listOrders(status: Status | undefined): Promise<readonly OrderSummary[]> {
  if (!session.value.hasOrderView) return listFromOrder(status);
  return listFromView(status).catch(() => listFromOrder(status));
}

async function listFromOrder(status: Status | undefined): Promise<readonly OrderSummary[]> {
  const orders: OrderSummary[] = [];
  let cursor: string | null = null;
  const pages = status === 'PENDING' ? MAX_PAGES : 1;
  for (let page = 0; page < pages; page += 1) {
    const query = new URLSearchParams({ limit: String(PAGE) });
    if (status !== undefined) query.set('status', status);
    if (cursor !== null) query.set('cursor', cursor);
    const answer: OrderPage = await ask(`/api/orders?${query}`);
    orders.push(...answer.orders);
    cursor = answer.nextCursor;
    if (cursor === null) break;
  }
  return orders;
}

/** The order as its own service has it, with all that is known of where its events lie. Throws ApiProblem. */
export async function readOrder(orderId: string): Promise<OrderDetail> {
  const path = `/api/orders/${encodeURIComponent(orderId)}`;
  const [order, { events }, steps] = await Promise.all([
    ask<Omit<OrderDetail, 'history'> & { history: readonly HistoryEntry[] }>(path),
    ask<{ events: readonly LiveEvent[] }>(`${path}/events`),
    session.value.hasOrderView ? readStepsOfView(orderId).catch(() => []) : [],
  ]);
  remember(events);
  const own = order.history.map((entry) => ({ ...entry, at: Date.parse(entry.at) }));
  return { ...order, history: [...steps, ...own] };
}

/** Of the orders in flight that wait longest: what each waits for. */
export async function readWaits(orders: readonly OrderSummary[]): Promise<ReadonlyMap<string, Wait>> {
  const waits = await Promise.all(
    orders.map(async ({ orderId, waitsFor }) => {
      if (waitsFor !== undefined) return [orderId, waitsFor] as const;
      const remembered = eventsOf(orderId);
      const isWhole = remembered.some(({ event }) => event === 'OrderCreated');
      const known = isWhole ? remembered : await historyOf(orderId);
      return [orderId, tellJourney(known).due.find(({ service }) => service !== 'email')] as const;
    }),
  );
  return new Map(waits.flatMap(([orderId, due]) => (due === undefined ? [] : [[orderId, due] as const])));
}

const historyOf = (orderId: string): Promise<readonly JourneyEvent[]> =>
  readOrder(orderId).then(
    ({ history }) => history,
    () => [],
  );
