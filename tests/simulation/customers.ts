import { type CancelReply, orderExists, type PlaceOrderBody } from '@skald/order/simulation';
import type { Instance } from './instances.ts';
import type { PlannedOrder } from './plan.ts';
import type { World } from './world.ts';

/** One customer: what it asked for, and what it was told. */
export interface Customer {
  readonly number: number;
  readonly planned: PlannedOrder;
  /** All answers with 2xx to its Idempotency-Key. */
  readonly orderIds: Set<string>;
  /** What became of its cancel. */
  cancelled: 'unasked' | 'asked' | CancelReply['result'];
  /** Requests that it waits for, or is going to make. */
  open: number;
}

const TIMEOUT_MS = 6_000;
const AGAIN_MS = 200;

/** Customers place orders, ask again when they get no answer, and some of them cancel. */
export function startCustomers(world: World): Customer[] {
  const { scheduler } = world;
  return world.plan.orders.map((planned, number) => {
    const customer: Customer = { number, planned, orderIds: new Set(), cancelled: 'unasked', open: 0 };
    for (let repeat = 0; repeat <= planned.repeats; repeat += 1) {
      customer.open += 1;
      scheduler.schedule(planned.at + repeat * 3, undefined, 'a customer orders', () =>
        request(world, (instance) => place(instance, customer), onPlaced),
      );
    }
    const onPlaced = (orderId: string) => {
      const isFirst = customer.orderIds.size === 0;
      customer.orderIds.add(orderId);
      customer.open -= 1;
      if (!isFirst || planned.cancelAfter === undefined) return;
      customer.cancelled = 'asked';
      customer.open += 1;
      scheduler.schedule(planned.cancelAfter, undefined, 'a customer cancels', () =>
        request(world, (instance) => cancel(instance, orderId), onCancelled),
      );
    };
    const onCancelled = (result: CancelReply['result']) => {
      customer.cancelled = result;
      customer.open -= 1;
    };
    return customer;
  });
}

/** Asks any instance, again and again, until there is an answer. */
function request<Result>(
  world: World,
  ask: (instance: Instance) => Promise<Result>,
  onAnswer: (result: Result) => void,
): void {
  const { scheduler } = world;
  let isOver = false;
  const again = () => {
    if (isOver) return;
    isOver = true;
    scheduler.schedule(AGAIN_MS, undefined, 'a customer asks again', () => request(world, ask, onAnswer));
  };
  const alive = (world.instances.get('order') ?? []).filter((instance) => instance.alive);
  if (alive.length === 0) {
    again();
    return;
  }
  const instance = alive.length === 1 ? (alive[0] as Instance) : scheduler.random.pick(alive);
  scheduler.schedule(TIMEOUT_MS, undefined, 'a customer has waited long enough', again);
  scheduler.schedule(scheduler.latency(), instance, 'a request comes in', () => {
    // Their problems come as they are: to be asked again later, all of them.
    ask(instance).then((result) => {
      if (isOver) return;
      isOver = true;
      onAnswer(result);
    }, again);
  });
}

function place(instance: Instance, { number, planned }: Customer): Promise<string> {
  const body: PlaceOrderBody = {
    customerId: `customer-${number}`,
    email: `customer-${number}@example.org`,
    currency: 'EUR',
    items: [{ sku: planned.sku, quantity: planned.quantity }],
    shippingAddress: {
      name: 'Ada Lovelace',
      street: '12 Analytical Way',
      postalCode: planned.postalCode,
      city: 'Berlin',
      country: 'DE',
    },
    paymentMethod: planned.paymentMethod,
  };
  if (instance.place === undefined) throw new Error(`${instance.name} takes no orders`);
  const trace = { correlationId: `request-${number}`, traceparent: undefined };
  return instance.place(`"key-${number}"`, body, trace as never);
}

/** As services/order/src/http.ts does it. */
async function cancel({ kernel }: Instance, orderId: string): Promise<CancelReply['result']> {
  if (!(await orderExists(kernel.database, orderId))) return 'unknown';
  const command = { name: 'CancelOrder', key: orderId, data: null };
  return (await kernel.submit<CancelReply>(command)).result;
}
