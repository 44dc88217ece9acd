import { ask } from './api.ts';
import type { JourneyEvent } from './journey.ts';
import type { OrderSummary, Wait } from './orders-client.ts';
import type { Status } from './parts.tsx';

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

/** Those in flight with the one that waits longest first; all others the newest first. */
export async function listFromView(status: Status | undefined): Promise<readonly OrderSummary[]> {
  const query = new URLSearchParams({ limit: '100', sort: status === 'PENDING' ? 'oldest' : 'newest' });
  if (status !== undefined) query.set('status', status);
  const { orders } = await ask<ViewPage>(`/api/order-view/orders?${query}`);
  return orders.map(({ orderId, customerId, status: own, reason, total, placedAt, waitsFor }) => ({
    orderId,
    customerId,
    status: own,
    createdAt: placedAt,
    totalAmount: total.amount,
    currency: total.currency,
    ...(reason !== null && { reason }),
    ...(waitsFor !== null && { waitsFor }),
  }));
}

/** Where the events of an order lie. */
export async function readStepsOfView(orderId: string): Promise<readonly JourneyEvent[]> {
  const { steps } = await ask<ViewTimeline>(`/api/order-view/orders/${encodeURIComponent(orderId)}/timeline`);
  return steps.map(({ service, event, at, topic, sequence, partition, offset }) => ({
    service,
    event,
    topic,
    sequence,
    at: Date.parse(at),
    ...(partition !== null && offset !== null && { partition, offset }),
  }));
}
