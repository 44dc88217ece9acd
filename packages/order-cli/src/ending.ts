import { type Step as SagaStep, sagaGraph } from '@skald/contracts';
import type { Order } from './order.ts';

/** Its end is said, and nothing of it is still to come. */
export const isSettled = ({ status, remaining }: Order): boolean =>
  status !== 'PENDING' && remaining.length === 0;

/** Settled, and nothing was under way when it was cancelled that could still have to be taken back. */
export const isOver = (order: Order): boolean => isSettled(order) && !mayBeUnderWay(order);

/**
 * A charge or a booking may be in flight when an order is cancelled: called for before, and not answered yet. Nobody says that
 * it is, and it may turn out that it never was.
 */
function mayBeUnderWay({ status, steps }: Order): boolean {
  if (status !== 'CANCELLED') return false;
  const cancelledAt = steps.find(({ event }) => event === 'OrderCancelled')?.at ?? '';
  const has = (event: string, before?: string): boolean =>
    steps.some((step) => step.event === event && (before === undefined || step.at <= before));
  const isCalledFor = ({ on }: SagaStep): boolean => {
    const told = on.filter((event) => has(event, cancelledAt));
    return told.length > 0 && on.every((event) => told.includes(event) || isHidden(event));
  };
  return sagaGraph.some((step) => {
    if (step.kind !== 'compensable' || step.on.length === 0 || !isCalledFor(step)) return false;
    return !answersTo(step).some((event) => has(event));
  });
}

/** What ends a step, one way or another. */
function answersTo({ service, publishes, onFailure, undoneBy }: SagaStep): readonly string[] {
  const undoing = sagaGraph.find((step) => step.service === service && step.verb === undoneBy);
  return [...publishes, ...onFailure, ...(undoing?.publishes ?? [])];
}

/** Personal data: order-view doesn't hear of it. It comes with the order. */
const isHidden = (event: string): boolean => event === 'OrderContact';

/** How long what may be under way is waited for once all else is done, ms: the provider has 2 s, and is asked again. */
const SETTLING_MS = 5_000;

/** Takes orders until one is over; answers it as it is then. `onChange` gets each. */
export async function untilOver(
  orders: AsyncGenerator<Order, unknown>,
  onChange: (order: Order) => void,
  settlingMs = SETTLING_MS,
): Promise<Order> {
  let last: Order | undefined;
  try {
    for (;;) {
      const next = orders.next();
      const found = await (last !== undefined && isSettled(last) ? within(settlingMs, next) : next);
      if (found === undefined || found.done === true) {
        // Nobody waits for it any more.
        next.catch(() => undefined);
        if (last === undefined) throw new Error('there was no order to follow');
        return last;
      }
      last = found.value;
      onChange(last);
      if (isOver(last)) return last;
    }
  } finally {
    // It may hang in a read: it ends with the process, or with its signal.
    void orders.return(undefined).catch(() => undefined);
  }
}

async function within<Value>(ms: number, promise: Promise<Value>): Promise<Value | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
