import { type Check, groupBy, type Violation } from './violation.ts';

const ends = { CONFIRMED: 'OrderConfirmed', CANCELLED: 'OrderCancelled' } as const;

/** 3. Each order reaches exactly one end, by legal transitions: what HTTP says, what is stored and the topic agree. */
export const eachOrderHasOneEnd: Check = ({ orders, stored }, story) => {
  const violations: Violation[] = [];
  const blame = (subject: string, says: string, evidence?: unknown) =>
    violations.push({ invariant: 3, subject, says, evidence });
  const own = story.events.filter(({ record }) => record.topic === 'orders.events');
  const told = groupBy(own, ({ key }) => key);
  const kept = groupBy(stored.orderEvents, ({ order_id }) => order_id);
  for (const [orderId, order] of orders) {
    if (order.status === 'PENDING') {
      blame(orderId, 'has no end');
      continue;
    }
    const published = told.get(orderId) ?? [];
    const names = published.map(({ name }) => name);
    const wanted = ['OrderCreated', ends[order.status]];
    if (String(names) !== String(wanted))
      blame(orderId, `is ${order.status}, its topic says ${names.join()}`);
    const inStore = (kept.get(orderId) ?? []).map(({ name }) => name);
    if (String(inStore) !== String(wanted))
      blame(orderId, `is ${order.status}, its store says ${inStore.join()}`);
    const [cancelled] = story.of(orderId, 'OrderCancelled');
    if (cancelled && cancelled.data.reason !== order.reason) {
      blame(orderId, `gives ${order.reason} for its reason, its event ${cancelled.data.reason}`);
    }
  }
  for (const key of told.keys()) if (!orders.has(key)) blame(key, 'has events, and is no order');
  return violations;
};

/** 2. One Idempotency-Key of one caller, one order. */
export const oneKeyOneOrder: Check = ({ orders, stored }) => {
  const violations: Violation[] = [];
  const byOrder = groupBy(stored.idempotencyKeys, ({ order_id }) => order_id);
  for (const orderId of orders.keys()) {
    const keys = byOrder.get(orderId) ?? [];
    if (keys.length === 1) continue;
    violations.push({ invariant: 2, subject: orderId, says: `has ${keys.length} keys`, evidence: keys });
  }
  for (const orderId of byOrder.keys()) {
    if (!orders.has(orderId))
      violations.push({ invariant: 2, subject: orderId, says: 'has a key, and is no order' });
  }
  return violations;
};

/** 1. Every order that was answered with 2xx exists. */
export const acceptedOrdersExist =
  (accepted: readonly string[]): Check =>
  ({ orders }) =>
    accepted
      .filter((orderId) => !orders.has(orderId))
      .map((subject) => ({ invariant: 1, subject, says: 'was accepted, and does not exist' }));
