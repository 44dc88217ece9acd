import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ask } from './api.ts';
import { shortId, span } from './format.ts';
import { onEvents } from './live.ts';
import type { Status } from './order-status.ts';
import { readOrder } from './orders-client.ts';
import { Panel, ProblemNote, StatusBadge } from './parts.tsx';
import { linkTo } from './route.ts';

interface Placed {
  readonly orderId: string;
  readonly status: Status;
  readonly reason: string | undefined;
  readonly placedAt: number;
  readonly endedAt: number | undefined;
}

const SHOWN = 6;
const placed = signal<readonly Placed[]>([]);
const problem = signal<unknown>(undefined);

const update = (orderId: string, change: Partial<Placed>): void => {
  placed.value = placed.value.map((order) => (order.orderId === orderId ? { ...order, ...change } : order));
};

export function addPlaced(orderId: string, placedAt: number): void {
  const order = { orderId, status: 'PENDING', reason: undefined, placedAt, endedAt: undefined } as const;
  placed.value = [order, ...placed.value].slice(0, SHOWN);
  void look(orderId);
}

/** Why an order was cancelled is in its event, and the order service knows: asked once it has ended. */
async function look(orderId: string): Promise<void> {
  const known = placed.value.find((order) => order.orderId === orderId);
  if (known === undefined) return;
  try {
    const { status, reason, history } = await readOrder(orderId);
    const end = history.find(({ event }) => event === 'OrderConfirmed' || event === 'OrderCancelled');
    update(orderId, { status, reason, endedAt: end?.at });
  } catch (error) {
    problem.value = error;
  }
}

const isEnd = (event: string): boolean => event === 'OrderConfirmed' || event === 'OrderCancelled';

async function cancel(orderId: string): Promise<void> {
  problem.value = undefined;
  try {
    await ask(`/api/orders/${orderId}/cancel`, { method: 'POST' });
  } catch (error) {
    problem.value = error;
  }
}

export function PlacedOrders() {
  useEffect(() => {
    for (const { orderId, status } of placed.value) if (status === 'PENDING') void look(orderId);
    return onEvents((events) => {
      for (const { key, event } of events) if (isEnd(event)) void look(key);
    });
  }, []);
  if (placed.value.length === 0) return null;
  return (
    <Panel title="Your orders">
      <ProblemNote error={problem.value} />
      <ul class="placed" aria-live="polite">
        {placed.value.map(({ orderId, status, reason, placedAt, endedAt }) => (
          <li key={orderId}>
            <a href={linkTo('watch', orderId)} aria-label={`Watch order ${orderId}`}>
              <code>{shortId(orderId)}</code>
            </a>
            <StatusBadge status={status} reason={reason} />
            <span class="quiet placed-time">
              {endedAt !== undefined && span(Math.max(0, endedAt - placedAt))}
            </span>
            {status === 'PENDING' && (
              <button type="button" class="minor" onClick={() => void cancel(orderId)}>
                Cancel<span class="unseen"> order {orderId}</span>
              </button>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
