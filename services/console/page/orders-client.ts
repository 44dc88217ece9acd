import { ask } from './api.ts';
import { type JourneyEvent, tellJourney } from './journey.ts';
import { eventsOf, type LiveEvent, remember } from './live.ts';
import type { Status } from './parts.tsx';

/**
 * Where orders are looked up: here the order service's own list and history, and the console's memory of events. Another
 * source of them is another version of this file.
 */
export interface OrderSummary {
  readonly orderId: string;
  readonly customerId: string;
  readonly status: Status;
  readonly reason?: string;
  /** Minor units. */
  readonly totalAmount: number;
  readonly currency: string;
  readonly createdAt: string;
}

export interface OrderDetail extends OrderSummary {
  readonly items: readonly { sku: string; name: string; quantity: number; unitPrice: number }[];
  readonly history: readonly JourneyEvent[];
}

/** The step that a pending order waits for, and since when, epoch ms. */
export interface Wait {
  readonly service: string;
  readonly verb: string;
  readonly since: number;
}

interface OrderPage {
  readonly orders: readonly OrderSummary[];
  readonly nextCursor: string | null;
}

interface HistoryEntry extends Omit<JourneyEvent, 'at'> {
  readonly at: string;
}

const PAGE = 100;
/** Of orders in flight: the oldest must be among them, and they are listed newest first. */
const MAX_PAGES = 10;

/** Newest first. Throws ApiProblem. */
export async function listOrders(status: Status | undefined): Promise<readonly OrderSummary[]> {
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

/** Throws ApiProblem. */
export async function readOrder(orderId: string): Promise<OrderDetail> {
  const path = `/api/orders/${encodeURIComponent(orderId)}`;
  const [order, { events }] = await Promise.all([
    ask<Omit<OrderDetail, 'history'> & { history: readonly HistoryEntry[] }>(path),
    ask<{ events: readonly LiveEvent[] }>(`${path}/events`),
  ]);
  remember(events);
  return { ...order, history: order.history.map((entry) => ({ ...entry, at: Date.parse(entry.at) })) };
}

/** Of the orders in flight that wait longest: what each waits for. */
export async function readWaits(orders: readonly OrderSummary[]): Promise<ReadonlyMap<string, Wait>> {
  const waits = await Promise.all(
    orders.map(async ({ orderId }) => {
      const remembered = eventsOf(orderId);
      const isWhole = remembered.some(({ event }) => event === 'OrderCreated');
      const events = isWhole ? remembered : await readOrder(orderId).then(({ history }) => history, () => []);
      const due = tellJourney(events).due.find(({ service }) => service !== 'email');
      return [orderId, due] as const;
    }),
  );
  return new Map(waits.flatMap(([orderId, due]) => (due === undefined ? [] : [[orderId, due] as const])));
}
