import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { count, money, shortId, span, timeOfDay } from './format.ts';
import { onEvents, resets } from './live.ts';
import { everyOrder, type OrderSearch, unheldByOrder } from './order-search.ts';
import { OrderSearchForm } from './order-search-form.tsx';
import { type Found, findOrders, type OrderSummary } from './orders-client.ts';
import { Panel, ProblemNote, StatusBadge } from './parts.tsx';
import { linkTo } from './route.ts';
import { isSessionKnown } from './session.ts';

const EVERY_MS = 3_000;
/** After an event or a letter typed, ms: those of a burst are looked up together. */
const SOON_MS = 700;
const TYPED_MS = 250;
/** An order that waits longer than this is stuck, ms: the saga takes a second. */
const STUCK_MS = 10_000;

const search = signal<OrderSearch>(everyOrder);
/** How many are shown. */
const pages = signal(1);
const found = signal<Found | undefined>(undefined);
const problem = signal<unknown>(undefined);

async function load(): Promise<void> {
  const asked = search.value;
  const askedPages = pages.value;
  const isAsked = () => search.value === asked && pages.value === askedPages;
  try {
    const answer = await findOrders(asked, askedPages);
    if (!isAsked()) return;
    found.value = answer;
    problem.value = undefined;
  } catch (error) {
    if (isAsked()) problem.value = error;
  }
}

/** Looks now, every few seconds, and soon after something has happened; never twice at once for the same. */
function useLoading(): void {
  useEffect(() => {
    if (!isSessionKnown.value) return;
    let isLoading = false;
    let soon: ReturnType<typeof setTimeout> | undefined;
    const look = async () => {
      clearTimeout(soon);
      soon = undefined;
      if (isLoading || document.hidden) return;
      isLoading = true;
      await load();
      isLoading = false;
    };
    soon = setTimeout(() => void look(), found.value === undefined ? 0 : TYPED_MS);
    const timer = setInterval(() => void look(), EVERY_MS);
    const forget = onEvents(() => {
      soon ??= setTimeout(() => void look(), SOON_MS);
    });
    return () => {
      clearInterval(timer);
      clearTimeout(soon);
      forget();
    };
  }, [search.value, pages.value, resets.value, isSessionKnown.value]);
}

export function OrderList({ chosen }: { readonly chosen: string | undefined }) {
  useLoading();
  const { orders = [], facets = null, hasMore = false, withoutView } = found.value ?? {};
  const inFlight = facets?.status['PENDING'] ?? orders.filter(({ status }) => status === 'PENDING').length;
  return (
    <Panel title="Orders" class="order-list" aside={<span class="quiet">{count(inFlight)} in flight</span>}>
      <OrderSearchForm
        search={search.value}
        facets={facets}
        onChange={(change) => {
          search.value = { ...search.value, ...change };
          pages.value = 1;
        }}
      />
      <ProblemNote error={problem.value} />
      {withoutView !== undefined && <WithoutView why={withoutView} search={search.value} />}
      {found.value !== undefined && orders.length === 0 && <p class="empty">No such orders.</p>}
      <ol class="orders" aria-label="Orders that were found">
        {orders.map((order) => (
          <OrderRow key={order.orderId} order={order} isChosen={order.orderId === chosen} />
        ))}
      </ol>
      {hasMore && (
        <button
          type="button"
          class="minor more"
          onClick={() => {
            pages.value += 1;
          }}
        >
          Show more orders
        </button>
      )}
    </Panel>
  );
}

/** Said, as the list is another one then. */
function WithoutView({ why, search: asked }: { readonly why: string; readonly search: OrderSearch }) {
  const unheld = unheldByOrder(asked);
  return (
    <p class="without-view" role="status">
      {why}: this is the order service’s own list, where only id, customer and reason are looked for.
      {unheld.length > 0 && ` Not held: ${unheld.join(', ')}.`}
    </p>
  );
}

function OrderRow({ order, isChosen }: { readonly order: OrderSummary; readonly isChosen: boolean }) {
  const { orderId, status, reason, totalAmount, currency, createdAt, customerId, waitsFor } = order;
  const age = Date.now() - Date.parse(createdAt);
  const isStuck = status === 'PENDING' && age > STUCK_MS;
  return (
    <li>
      <a
        class={`order-row ${isStuck ? 'order-stuck' : ''}`}
        href={linkTo('watch', orderId)}
        aria-current={isChosen ? 'true' : undefined}
      >
        <code title={orderId}>{shortId(orderId)}</code>
        <StatusBadge status={status} />
        <span class="order-total">{money(totalAmount, currency)}</span>
        <span class="quiet order-customer">
          {reason === undefined ? customerId : `${customerId} · ${reason}`}
        </span>
        <span class="quiet order-age">
          {status === 'PENDING' ? span(age) : timeOfDay(Date.parse(createdAt))}
        </span>
        {waitsFor !== undefined && (
          <span class="order-wait">
            waits for {waitsFor.service}: {waitsFor.verb}
          </span>
        )}
      </a>
    </li>
  );
}
