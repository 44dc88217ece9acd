import { evolve, initialState, type Order, type OrderEvent } from '@skald/order/simulation';
import type { RecordedEvent } from './recorded-event.ts';

/** An order, as far as its events were read. */
export interface Folded {
  readonly orderId: string;
  readonly order: Order;
  /** In order of sequence. */
  readonly events: readonly OrderEvent[];
}

/** What one event made of its order. */
export interface FoldStep {
  /** Undefined where it changed nothing: it came again, or can't be folded. */
  readonly folded: Folded | undefined;
  /** Why it can't be folded. */
  readonly flaw: string | undefined;
}

export interface Fold {
  take(event: RecordedEvent): FoldStep;
  /** Those that haven't ended. */
  readonly open: ReadonlyMap<string, Folded>;
}

type OrderRecordEvent = Extract<RecordedEvent, { name: OrderEvent['name'] }>;
const isOfOrder = (event: RecordedEvent): event is OrderRecordEvent =>
  event.name === 'OrderCreated' || event.name === 'OrderConfirmed' || event.name === 'OrderCancelled';

/** What comes again comes soon: a relay sends once more what it hadn't heard of. So many ended orders are still known. */
const REMEMBERED = 10_000;

/** Folds orders with the order service's own `evolve`, and forgets each a while after it has ended. */
export function createFold(): Fold {
  const open = new Map<string, Folded>();
  /** Ended orders → their versions; the oldest goes first. */
  const ended = new Map<string, number>();
  const end = (orderId: string, version: number) => {
    open.delete(orderId);
    ended.set(orderId, version);
    const [oldest] = ended.keys();
    if (ended.size > REMEMBERED && oldest !== undefined) ended.delete(oldest);
  };
  const nothing = { folded: undefined, flaw: undefined };
  return {
    open,
    take(event) {
      if (!isOfOrder(event)) return nothing;
      const { orderId } = event.data;
      const { order, events } = open.get(orderId) ?? { order: initialState, events: [] };
      const version = ended.get(orderId) ?? order.version;
      if (event.sequence <= version) return nothing;
      if (event.sequence !== order.version + 1)
        return { folded: undefined, flaw: `${event.name}: sequence ${event.sequence} follows ${version}` };
      try {
        const told = { name: event.name, data: event.data } as OrderEvent;
        const folded: Folded = { orderId, order: evolve(order, told), events: [...events, told] };
        if (folded.order.status === 'pending') open.set(orderId, folded);
        else end(orderId, folded.order.version);
        return { folded, flaw: undefined };
      } catch (error) {
        return { folded: undefined, flaw: error instanceof Error ? error.message : String(error) };
      }
    },
  };
}
