import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ask } from './api.ts';
import { EventDetail } from './event-detail.tsx';
import { money, span } from './format.ts';
import { type Journey, mergeEvents, rowKey, tellJourney } from './journey.ts';
import { Lanes } from './lanes.tsx';
import { changes, eventsOf, resets } from './live.ts';
import { type OrderDetail, readOrder } from './orders-client.ts';
import { Panel, ProblemNote, StatusBadge } from './parts.tsx';

/** px: as styles/watch.css has it. */
const NARROW = 1_080;

export function OrderPanel({ orderId }: { readonly orderId: string }) {
  const order = useSignal<OrderDetail | undefined>(undefined);
  const problem = useSignal<unknown>(undefined);
  const chosen = useSignal<string | undefined>(undefined);
  // Read here, so that each batch of events draws the lanes anew.
  const heard = changes.value >= 0 ? eventsOf(orderId) : [];

  const hasEnded = heard.some(({ event }) => event === 'OrderConfirmed' || event === 'OrderCancelled');
  useEffect(() => {
    let isOver = false;
    readOrder(orderId).then(
      (read) => {
        if (isOver) return;
        order.value = read;
        problem.value = undefined;
      },
      (error: unknown) => {
        if (!isOver) problem.value = error;
      },
    );
    return () => {
      isOver = true;
    };
  }, [orderId, hasEnded, resets.value]);

  useEffect(() => {
    // Where the list stands above it, a choice there would show nothing.
    if (innerWidth <= NARROW) document.querySelector('.order-panel')?.scrollIntoView({ block: 'start' });
  }, [orderId]);

  const journey = tellJourney(mergeEvents(order.value?.history ?? [], heard));
  const row = journey.rows.find((event) => rowKey(event) === chosen.value);
  return (
    <Panel title={`Order ${orderId}`} class="order-panel">
      <ProblemNote error={problem.value} />
      {order.value !== undefined && <OrderHead order={order.value} journey={journey} />}
      <Lanes
        journey={journey}
        isPending={order.value?.status === 'PENDING'}
        chosen={chosen.value}
        onChoose={(event) => {
          chosen.value = rowKey(event) === chosen.value ? undefined : rowKey(event);
        }}
      />
      {row !== undefined && <EventDetail key={chosen.value} row={row} />}
    </Panel>
  );
}

function OrderHead({ order, journey }: { readonly order: OrderDetail; readonly journey: Journey }) {
  const problem = useSignal<unknown>(undefined);
  const { orderId, status, reason, customerId, totalAmount, currency, items } = order;
  const placed = journey.rows.find(({ event }) => event === 'OrderCreated');
  const end = journey.rows.find(({ event }) => event === 'OrderConfirmed' || event === 'OrderCancelled');
  const cancel = () => {
    problem.value = undefined;
    ask(`/api/orders/${orderId}/cancel`, { method: 'POST' }).catch((error: unknown) => {
      problem.value = error;
    });
  };
  return (
    <>
      <dl class="order-head">
        <div>
          <dt>status</dt>
          <dd aria-live="polite">
            <StatusBadge status={status} reason={reason} />
          </dd>
        </div>
        <div>
          <dt>total</dt>
          <dd>{money(totalAmount, currency)}</dd>
        </div>
        <div>
          <dt>items</dt>
          <dd>{items.map(({ sku, quantity }) => `${quantity} × ${sku}`).join(', ')}</dd>
        </div>
        <div>
          <dt>customerId</dt>
          <dd>{customerId}</dd>
        </div>
        <div>
          <dt>took</dt>
          <dd>{placed !== undefined && end !== undefined ? span(end.at - placed.at) : '–'}</dd>
        </div>
        {status === 'PENDING' && (
          <div class="order-acts">
            <button type="button" class="minor" onClick={cancel}>
              Cancel order
            </button>
          </div>
        )}
      </dl>
      <ProblemNote error={problem.value} />
    </>
  );
}
