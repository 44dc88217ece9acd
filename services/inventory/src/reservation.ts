import type { Events } from '@skald/contracts';
import { type Decision, PoisonError } from '@skald/messaging';
import { handOver, putBack, type Stock, setAside } from './stock.ts';

/**
 * How an order's reservation stands.
 * - `none`: not heard of yet
 * - `reserved`: the units of all its lines are set aside
 * - `refused`: something was short, so nothing was set aside
 * - `shipped`: confirmed, the units have left
 * - `released`: cancelled, the units are on hand again
 * - `cancelled`: a tombstone: cancelled before it was reserved, so it never will be
 */
export type ReservationState = 'none' | 'reserved' | 'refused' | 'shipped' | 'released' | 'cancelled';

/** Units of one SKU; a reservation names each SKU once. */
export interface Line {
  readonly sku: string;
  readonly quantity: number;
}

export interface Reservation {
  readonly orderId: string;
  readonly state: ReservationState;
  readonly lines: readonly Line[];
}

/** All that a rule may look at. */
export interface Situation {
  readonly reservation: Reservation;
  readonly stock: ReadonlyMap<string, Stock>;
  /** Epoch ms. */
  readonly now: number;
}

/** What a decision leaves behind: the new reservation, and the stock rows it moved. */
export interface ReservationChange {
  readonly reservation: Reservation;
  readonly stock: readonly Stock[];
}

/** What each verb is told. */
export interface Verbs {
  reserve: Events['OrderCreated'];
  ship: Events['OrderConfirmed'];
  release: Events['OrderCancelled'];
}

export type Verb = keyof Verbs;

type Rule<V extends Verb> = (situation: Situation, told: Verbs[V]) => Decision<ReservationChange>;

const ignore = (reason: string) => (): Decision<never> => ({ outcome: 'ignore', reason });
const poison = (code: string, message: string) => (): never => {
  throw new PoisonError(code, message);
};

const alreadyDecided = ignore('reserved or refused once already');
const confirmedOutOfNothing = poison(
  'CONFIRMED_UNRESERVED',
  'an order was confirmed that holds no reservation',
);
const confirmedAfterCancel = poison(
  'CONFIRMED_AFTER_CANCEL',
  'an order was confirmed after its cancellation',
);

/** What happens to a reservation, for each state and verb. */
export const rules: Record<ReservationState, { readonly [V in Verb]: Rule<V> }> = {
  none: {
    reserve: reserveAllOrNothing,
    ship: confirmedOutOfNothing,
    release: leaveTombstone,
  },
  reserved: {
    reserve: alreadyDecided,
    ship: shipReserved,
    release: releaseReserved,
  },
  refused: {
    reserve: alreadyDecided,
    ship: confirmedOutOfNothing,
    release: ignore('refused: there is nothing to release'),
  },
  shipped: {
    reserve: alreadyDecided,
    ship: ignore('shipped already'),
    release: poison('CANCELLED_AFTER_CONFIRM', 'an order was cancelled after its confirmation'),
  },
  released: {
    reserve: alreadyDecided,
    ship: confirmedAfterCancel,
    release: ignore('released already'),
  },
  cancelled: {
    reserve: ignore('cancelled before it was reserved'),
    ship: confirmedAfterCancel,
    release: ignore('cancelled already'),
  },
};

/** One line for each SKU: a SKU that is ordered on two lines must be there for both. */
export function mergeLines(lines: readonly Line[]): Line[] {
  const quantities = new Map<string, number>();
  for (const { sku, quantity } of lines) quantities.set(sku, (quantities.get(sku) ?? 0) + quantity);
  return Array.from(quantities, ([sku, quantity]) => ({ sku, quantity }));
}

/** An unknown SKU is out of stock like any other: a refusal by the business, of which the order must hear. */
function reserveAllOrNothing(
  { stock, now }: Situation,
  order: Events['OrderCreated'],
): Decision<ReservationChange> {
  const { orderId } = order;
  const lines = mergeLines(order.lines);
  const available = (sku: string) => stock.get(sku)?.onHand ?? 0;
  const short = lines.filter((line) => available(line.sku) < line.quantity);
  if (short.length > 0) {
    const shortages = short.map(({ sku, quantity }) => ({
      sku,
      requested: quantity,
      available: available(sku),
    }));
    return {
      outcome: 'apply',
      change: { reservation: { orderId, state: 'refused', lines: [] }, stock: [] },
      events: [{ name: 'StockReservationFailed', key: orderId, data: { orderId, shortages, failedAt: now } }],
    };
  }
  return {
    outcome: 'apply',
    change: { reservation: { orderId, state: 'reserved', lines }, stock: moved(stock, lines, setAside) },
    events: [{ name: 'StockReserved', key: orderId, data: { orderId, lines, reservedAt: now } }],
  };
}

function shipReserved({ reservation, stock, now }: Situation): Decision<ReservationChange> {
  const { orderId, lines } = reservation;
  return {
    outcome: 'apply',
    change: { reservation: { ...reservation, state: 'shipped' }, stock: moved(stock, lines, handOver) },
    events: [{ name: 'StockShipped', key: orderId, data: { orderId, lines: [...lines], shippedAt: now } }],
  };
}

function releaseReserved({ reservation, stock, now }: Situation): Decision<ReservationChange> {
  const { orderId, lines } = reservation;
  return {
    outcome: 'apply',
    change: { reservation: { ...reservation, state: 'released' }, stock: moved(stock, lines, putBack) },
    events: [
      {
        name: 'StockReservationCancelled',
        key: orderId,
        data: { orderId, lines: [...lines], cancelledAt: now },
      },
    ],
  };
}

/** The cancellation overtook the order: remembered, so that a late order reserves nothing. */
function leaveTombstone({ reservation }: Situation): Decision<ReservationChange> {
  return { outcome: 'remember', change: { reservation: { ...reservation, state: 'cancelled' }, stock: [] } };
}

function moved(
  stock: ReadonlyMap<string, Stock>,
  lines: readonly Line[],
  move: (stock: Stock, units: number) => Stock,
): Stock[] {
  return lines.map(({ sku, quantity }) => {
    const row = stock.get(sku);
    if (row === undefined) throw new Error(`${sku} is reserved, but has no stock row`);
    return move(row, quantity);
  });
}
