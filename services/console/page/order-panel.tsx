import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ask } from './api.ts';
import { EventDetail } from './event-detail.tsx';
import { money, span } from './format.ts';
import { type Journey, mergeEvents, rowKey, tellJourney } from './journey.ts';
import { Lanes } from './lanes.tsx';
import { changes, eventsOf, resets } from './live.ts';
import { type KnownSteps, type OrderDetail, readOrder, readSteps } from './orders-client.ts';
import { Panel, ProblemNote, StatusBadge } from './parts.tsx';
import { session } from './session.ts';

/** px: as styles/watch.css has it. */
const NARROW = 1_080;
/** While order-view is away, ms. */
const AGAIN_MS = 5_000;

export function OrderPanel({ orderId }: { readonly orderId: string }) {
  const order = useSignal<OrderDetail | undefined>(undefined);
  const known = useSignal<KnownSteps>({ steps: [], withoutView: undefined });
  const problem = useSignal<unknown>(undefined);
  const chosen = useSignal<string | undefined>(undefined);
  // Read here, so that each batch of events draws the lanes anew.
  const heard = changes.value >= 0 ? eventsOf(orderId) : [];

  const hasEnded = heard.some(({ event }) => event === 'OrderConfirmed' || event === 'OrderCancelled');
  useEffect(() => {
    let isOver = false;
    problem.value = undefined;
    const take = <Answer,>(asked: Promise<Answer>, into: Signal<Answer>) =>
      asked.then(
        (answer) => {
          if (!isOver) into.value = answer;
        },
        (error: unknown) => {
          if (!isOver) problem.value = error;
        },
      );
    void take<OrderDetail | undefined>(readOrder(orderId), order);
    void take(readSteps(orderId), known);
    return () => {
      isOver = true;
    };
  }, [orderId, hasEnded, resets.value]);

  const isWithoutView = known.value.withoutView !== undefined && session.value.hasOrderView;
  useEffect(() => {
    if (!isWithoutView) return;
    const again = () =>
      readSteps(orderId).then(
        (read) => {
          known.value = read;
        },
        (error: unknown) => {
          problem.value = error;
        },
      );
    const timer = setInterval(() => void again(), AGAIN_MS);
    return () => clearInterval(timer);
  }, [orderId, isWithoutView]);

  useEffect(() => {
    // Where the list stands above it, a choice there would show nothing.
    if (innerWidth <= NARROW) document.querySelector('.order-panel')?.scrollIntoView({ block: 'start' });
  }, [orderId]);

  const journey = tellJourney(mergeEvents(known.value.steps, order.value?.history ?? [], heard));
  const row = journey.rows.find((event) => rowKey(event) === chosen.value);
  return (
    <Panel title={`Order ${orderId}`} class="order-panel">
      <ProblemNote error={problem.value} />
      {order.value !== undefined && <OrderHead order={order.value} journey={journey} />}
      {known.value.withoutView !== undefined && (
        <p class="without-view" role="status">
          {known.value.withoutView}: where its earlier events lie is not known.
        </p>
      )}
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
