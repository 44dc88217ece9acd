import type { Events } from '@skald/contracts';
import { type CommandInput, type DecisionContext, type EventInput, PoisonError } from '@skald/messaging';

/** An order's own events: the source that its state is folded from, and what goes out on orders.events. */
export type OrderEvent = {
  readonly [N in 'OrderCreated' | 'OrderConfirmed' | 'OrderCancelled']: {
    readonly name: N;
    readonly data: Events[N];
  };
}[keyof Pick<Events, 'OrderCreated' | 'OrderConfirmed' | 'OrderCancelled'>];

export type CancelReason = Events['OrderCancelled']['reason'];
export type Status = 'none' | 'pending' | 'confirmed' | 'cancelled';

/** The fold of an order's events; `version` counts them. */
export type Order =
  | { readonly status: 'none'; readonly version: 0 }
  | {
      readonly status: 'pending' | 'confirmed';
      readonly version: number;
      readonly created: Events['OrderCreated'];
    }
  | {
      readonly status: 'cancelled';
      readonly version: number;
      readonly created: Events['OrderCreated'];
      readonly reason: CancelReason;
    };

const orderIdPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Order ids are UUIDs in lower case; what is none can't even be looked up. */
export const isOrderId = (id: string): boolean => orderIdPattern.test(id);

export const initialState: Order = { status: 'none', version: 0 };

/** A placed order, priced. The key of its input is the order's id. */
export interface PlaceOrder {
  readonly customerId: string;
  readonly lines: Events['OrderCreated']['lines'];
  readonly total: Events['OrderCreated']['total'];
  readonly paymentMethod: string;
  readonly contact: Omit<Events['OrderContact'], 'orderId'>;
  /** As parsed from the Idempotency-Key header. */
  readonly idempotencyKey: string;
  /** Of the request's body: another one under the same key is a mistake of the caller's. */
  readonly fingerprint: string;
}

/** What decides over an order: its customer, the clock, and those who take part in it. */
export type OrderInput =
  | CommandInput<'PlaceOrder', PlaceOrder>
  | CommandInput<'CancelOrder'>
  | CommandInput<'DeadlinePassed'>
  | EventInput<'ShipmentScheduled' | 'StockReservationFailed' | 'PaymentFailed' | 'ShipmentFailed'>;

export type PlaceReply =
  | { readonly result: 'placed'; readonly orderId: string }
  | { readonly result: 'key-in-use' }
  | { readonly result: 'key-reused' };

export type CancelReply =
  | { readonly result: 'cancelled' | 'confirmed'; readonly version: number }
  | { readonly result: 'unknown' };

/** What a rule says; poison is thrown. */
export type Verdict =
  | {
      readonly outcome: 'apply';
      readonly events: readonly OrderEvent[];
      readonly reply?: PlaceReply | CancelReply;
    }
  | { readonly outcome: 'ignore'; readonly reason: string; readonly reply?: PlaceReply | CancelReply };

type Named<Name extends OrderInput['name']> = Extract<OrderInput, { readonly name: Name }>;
type Rule<Asked extends OrderInput = OrderInput> = (
  order: Order,
  input: Asked,
  context: DecisionContext,
) => Verdict;

const place: Rule<Named<'PlaceOrder'>> = (_order, { key: orderId, data }, { now }) => ({
  outcome: 'apply',
  events: [
    {
      name: 'OrderCreated',
      data: {
        orderId,
        customerId: data.customerId,
        lines: data.lines,
        total: data.total,
        paymentMethod: data.paymentMethod,
        createdAt: now,
      },
    },
  ],
  reply: { result: 'placed', orderId },
});

const confirm: Rule<Named<'ShipmentScheduled'>> = (_order, { key: orderId, data }, { now }) => ({
  outcome: 'apply',
  events: [{ name: 'OrderConfirmed', data: { orderId, shipmentId: data.shipmentId, confirmedAt: now } }],
});

const cancel =
  (reason: CancelReason): Rule =>
  (order, { key: orderId }, { now }) => ({
    outcome: 'apply',
    events: [{ name: 'OrderCancelled', data: { orderId, reason, cancelledAt: now } }],
    reply: { result: 'cancelled', version: order.version + 1 },
  });

const ignore =
  (reason: string, reply?: (order: Order, input: OrderInput) => PlaceReply | CancelReply): Rule =>
  (order, input) => ({ outcome: 'ignore', reason, ...(reply && { reply: reply(order, input) }) });

/** We write OrderCreated before anybody can answer it: an answer to nothing is another system's, or a lost database's. */
const unknownOrder: Rule = (_order, input) => {
  throw new PoisonError('UNKNOWN_ORDER', `${input.name} for order ${input.key}, which was never placed here`);
};

const placedBefore = ignore('placed before', (_order, { key: orderId }) => ({ result: 'placed', orderId }));

/** Every state × everything that can happen in it. An end is an end: what comes after it changes nothing. */
export const rules: { readonly [S in Status]: { readonly [N in OrderInput['name']]: Rule<Named<N>> } } = {
  none: {
    PlaceOrder: place,
    CancelOrder: ignore('no such order', () => ({ result: 'unknown' })),
    DeadlinePassed: unknownOrder,
    ShipmentScheduled: unknownOrder,
    StockReservationFailed: unknownOrder,
    PaymentFailed: unknownOrder,
    ShipmentFailed: unknownOrder,
  },
  pending: {
    PlaceOrder: placedBefore,
    CancelOrder: cancel('CANCELLED_BY_CUSTOMER'),
    DeadlinePassed: cancel('DEADLINE_PASSED'),
    ShipmentScheduled: confirm,
    StockReservationFailed: cancel('OUT_OF_STOCK'),
    PaymentFailed: cancel('PAYMENT_DECLINED'),
    ShipmentFailed: cancel('ADDRESS_UNSERVICEABLE'),
  },
  confirmed: {
    PlaceOrder: placedBefore,
    CancelOrder: ignore('too late: confirmed', (order) => ({ result: 'confirmed', version: order.version })),
    DeadlinePassed: ignore('confirmed in time'),
    ShipmentScheduled: ignore('confirmed already'),
    StockReservationFailed: ignore('confirmed already'),
    PaymentFailed: ignore('confirmed already'),
    ShipmentFailed: ignore('confirmed already'),
  },
  cancelled: {
    PlaceOrder: placedBefore,
    CancelOrder: ignore('cancelled already', (order) => ({ result: 'cancelled', version: order.version })),
    DeadlinePassed: ignore('cancelled already'),
    ShipmentScheduled: ignore('cancelled before it was booked: shipping calls it off'),
    StockReservationFailed: ignore('cancelled already'),
    PaymentFailed: ignore('cancelled already'),
    ShipmentFailed: ignore('cancelled already'),
  },
};

/** @throws PoisonError for an order that was never placed here. */
export function decide(order: Order, input: OrderInput, context: DecisionContext): Verdict {
  // The table's type ties each name to its input; the compiler can't follow that through two lookups.
  const rule = rules[order.status][input.name] as Rule;
  return rule(order, input, context);
}

/** @throws Error if the events tell an impossible story: then the database was tampered with. */
export function evolve(order: Order, event: OrderEvent): Order {
  const version = order.version + 1;
  if (event.name === 'OrderCreated') {
    if (order.status === 'none') return { status: 'pending', version, created: event.data };
  } else if (order.status === 'pending') {
    const { created } = order;
    return event.name === 'OrderConfirmed'
      ? { status: 'confirmed', version, created }
      : { status: 'cancelled', version, created, reason: event.data.reason };
  }
  throw new Error(
    `${event.name} can't follow on a ${order.status} order (${event.data.orderId}, version ${version})`,
  );
}
