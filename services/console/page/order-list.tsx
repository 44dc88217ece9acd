import { type Signal, signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { count, money, shortId, span, timeOfDay } from './format.ts';
import { onEvents, resets } from './live.ts';
import { listOrders, type OrderSummary, readWaits, type Wait } from './orders-client.ts';
import { Choice, Panel, ProblemNote, StatusBadge } from './parts.tsx';
import { linkTo } from './route.ts';

const filters = ['all', 'PENDING', 'CONFIRMED', 'CANCELLED'] as const;
type Filter = (typeof filters)[number];
const filterNames: Readonly<Record<Filter, string>> = {
  all: 'All',
  PENDING: 'In flight',
  CONFIRMED: 'Confirmed',
  CANCELLED: 'Cancelled',
};

const EVERY_MS = 3_000;
/** After an event, ms: those of a burst are looked up together. */
const SOON_MS = 700;
const SHOWN = 60;
const ASKED_WHAT_THEY_WAIT_FOR = 20;
/** An order that waits longer than this is stuck, ms: the saga takes a second. */
const STUCK_MS = 10_000;

interface Listed {
  readonly inFlight: readonly OrderSummary[];
  readonly ended: readonly OrderSummary[];
  readonly waits: ReadonlyMap<string, Wait>;
}

const filter = signal<Filter>('all');
const listed = signal<Listed>({ inFlight: [], ended: [], waits: new Map() });
const problem = signal<unknown>(undefined);

/** Those in flight with the one that waits longest first, then those that have ended, the newest first. */
async function load(chosen: Filter): Promise<void> {
  try {
    const isEndAsked = chosen !== 'PENDING';
    const isFlightAsked = chosen === 'all' || chosen === 'PENDING';
    const [pending, others] = await Promise.all([
      isFlightAsked ? listOrders('PENDING') : [],
      isEndAsked ? listOrders(chosen === 'all' ? undefined : chosen) : [],
    ]);
    const inFlight = [...pending].sort((a, b) => a.createdAt.localeCompare(b.createdAt));
    const ended = others.filter(({ status }) => status !== 'PENDING');
    const waits = await readWaits(inFlight.slice(0, ASKED_WHAT_THEY_WAIT_FOR));
    if (filter.value !== chosen) return;
    listed.value = { inFlight, ended, waits };
    problem.value = undefined;
  } catch (error) {
    problem.value = error;
  }
}

/** Looks now, every few seconds, and soon after something has happened; never twice at once. */
function useLoading(chosen: Filter): void {
  useEffect(() => {
    let isLoading = false;
    let soon: ReturnType<typeof setTimeout> | undefined;
    const look = async () => {
      soon = undefined;
      if (isLoading || document.hidden) return;
      isLoading = true;
      await load(chosen);
      isLoading = false;
    };
    void look();
    const timer = setInterval(() => void look(), EVERY_MS);
    const forget = onEvents(() => {
      soon ??= setTimeout(() => void look(), SOON_MS);
    });
    return () => {
      clearInterval(timer);
      clearTimeout(soon);
      forget();
    };
  }, [chosen, resets.value]);
}

export function OrderList({ chosen }: { readonly chosen: string | undefined }) {
  const text = useSignal('');
  useLoading(filter.value);
  const { inFlight, ended, waits } = listed.value;
  const matches = matching(text.value);
  const found = [...inFlight, ...ended].filter(matches);
  return (
    <Panel
      title="Orders"
      class="order-list"
      aside={<span class="quiet">{count(inFlight.length)} in flight</span>}
    >
      <div class="list-tools">
        <Choice
          label="Which orders"
          values={filters}
          chosen={filter.value}
          nameOf={(name) => filterNames[name]}
          onChoose={(name) => {
            filter.value = name;
          }}
        />
        <SearchField text={text} />
      </div>
      <ProblemNote error={problem.value} />
      {found.length === 0 && <p class="empty">No such orders.</p>}
      <ol class="orders">
        {found.slice(0, SHOWN).map((order) => (
          <OrderRow
            key={order.orderId}
            order={order}
            wait={waits.get(order.orderId)}
            isChosen={order.orderId === chosen}
          />
        ))}
      </ol>
      {found.length > SHOWN && <p class="quiet more">and {count(found.length - SHOWN)} more</p>}
    </Panel>
  );
}

const isOrderId = (text: string): boolean => /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(text);

function SearchField({ text }: { readonly text: Signal<string> }) {
  const open = (event: Event) => {
    event.preventDefault();
    const wanted = text.value.trim();
    if (isOrderId(wanted)) location.hash = linkTo('watch', wanted);
  };
  return (
    <search>
      <form onSubmit={open}>
        <input
          type="search"
          placeholder="Order id, customer, reason"
          aria-label="Search the orders; Enter opens an order by its id"
          value={text.value}
          onInput={({ currentTarget }) => {
            text.value = currentTarget.value;
          }}
        />
      </form>
    </search>
  );
}

const matching = (text: string) => {
  const wanted = text.trim().toLowerCase();
  return ({ orderId, customerId, reason = '' }: OrderSummary): boolean =>
    `${orderId} ${customerId} ${reason}`.toLowerCase().includes(wanted);
};

function OrderRow(props: {
  readonly order: OrderSummary;
  readonly wait: Wait | undefined;
  readonly isChosen: boolean;
}) {
  const { orderId, status, reason, totalAmount, currency, createdAt, customerId } = props.order;
  const age = Date.now() - Date.parse(createdAt);
  const isStuck = status === 'PENDING' && age > STUCK_MS;
  return (
    <li>
      <a
        class={`order-row ${isStuck ? 'order-stuck' : ''}`}
        href={linkTo('watch', orderId)}
        aria-current={props.isChosen ? 'true' : undefined}
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
        {props.wait !== undefined && (
          <span class="order-wait">
            waits for {props.wait.service}: {props.wait.verb}
          </span>
        )}
      </a>
    </li>
  );
}
