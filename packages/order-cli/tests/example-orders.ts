import type { Order, Step } from '../src/order.ts';

const orderId = '01a1fe09-5e67-7f68-8164-e3d98ce02c3a';
const euro = (amount: number) => ({ amount, currency: 'EUR' });
const placedAt = '2026-01-31T12:00:00.000Z';

/** Epoch ms, so long after the order was placed. */
export const after = (ms: number): number => Date.parse(placedAt) + ms;
const at = (ms: number): string => new Date(after(ms)).toISOString();

const topics: Readonly<Record<string, string>> = {
  order: 'orders.events',
  inventory: 'inventory.events',
  payment: 'payments.events',
  shipping: 'shipping.events',
  email: 'email.events',
};

/** A step, `ms` after the order was placed; its place follows from the number of its service's steps before it. */
function stepsOf(taken: readonly (readonly [string, string, string, number, number | null])[]): Step[] {
  const counts = new Map<string, number>();
  return taken.map(([service, verb, event, ms, durationMs]) => {
    const sequence = (counts.get(service) ?? 0) + 1;
    counts.set(service, sequence);
    const topic = topics[service] ?? '';
    return {
      service,
      verb,
      event,
      at: at(ms),
      durationMs,
      topic,
      sequence,
      partition: 3,
      offset: 40 + sequence,
    };
  });
}

const line = {
  sku: 'SKU-0001',
  name: 'Oak Desk Lamp',
  quantity: 2,
  unitPrice: euro(4_990),
  reservation: 'waiting',
  available: null,
};

const placed: Order = {
  orderId,
  version: 1,
  status: 'PENDING',
  reason: null,
  customerId: 'ada',
  lines: [line],
  total: euro(9_980),
  placedAt,
  updatedAt: placedAt,
  waitsFor: { service: 'inventory', verb: 'reserve' },
  payment: null,
  shipment: null,
  mails: [],
  steps: stepsOf([['order', 'place', 'OrderCreated', 0, null]]),
  remaining: [
    { service: 'inventory', verb: 'reserve' },
    { service: 'payment', verb: 'charge' },
    { service: 'shipping', verb: 'book' },
    { service: 'order', verb: 'confirm' },
    { service: 'inventory', verb: 'ship' },
    { service: 'shipping', verb: 'dispatch' },
    { service: 'email', verb: 'send' },
  ],
};

const confirmed: Order = {
  ...placed,
  version: 8,
  status: 'CONFIRMED',
  lines: [{ ...line, reservation: 'shipped' }],
  updatedAt: at(900),
  waitsFor: null,
  payment: { state: 'completed', amount: euro(9_980), refunded: null, declineReason: null },
  shipment: {
    state: 'dispatched',
    carrier: 'Skald Express',
    trackingNumber: 'SX1',
    promisedDate: '2026-02-03',
    failure: null,
  },
  mails: [
    { template: 'order-confirmation', state: 'sent', at: at(400), cause: null },
    { template: 'shipment-scheduled', state: 'sent', at: at(900), cause: null },
  ],
  steps: stepsOf([
    ['order', 'place', 'OrderCreated', 0, null],
    ['inventory', 'reserve', 'StockReserved', 183, 183],
    ['email', 'send', 'MailSent', 400, 400],
    ['payment', 'charge', 'PaymentCompleted', 457, 274],
    ['shipping', 'book', 'ShipmentScheduled', 620, 163],
    ['order', 'confirm', 'OrderConfirmed', 753, 133],
    ['inventory', 'ship', 'StockShipped', 784, 31],
    ['shipping', 'dispatch', 'ShipmentDispatched', 813, 60],
    ['email', 'send', 'MailSent', 900, 147],
  ]),
  remaining: [],
};

const onItsWay: Order = {
  ...placed,
  version: 2,
  lines: [{ ...line, reservation: 'reserved' }],
  updatedAt: at(183),
  waitsFor: { service: 'payment', verb: 'charge' },
  steps: confirmed.steps.slice(0, 2),
  remaining: placed.remaining.slice(1),
};

/** Its charge was in flight when its customer cancelled it. */
const cancelled: Order = {
  ...placed,
  version: 4,
  status: 'CANCELLED',
  reason: 'CANCELLED_BY_CUSTOMER',
  lines: [{ ...line, reservation: 'released' }],
  updatedAt: at(700),
  waitsFor: null,
  mails: [{ template: 'order-cancelled', state: 'sent', at: at(700), cause: null }],
  steps: stepsOf([
    ['order', 'place', 'OrderCreated', 0, null],
    ['inventory', 'reserve', 'StockReserved', 183, 183],
    ['order', 'cancel', 'OrderCancelled', 500, null],
    ['inventory', 'release', 'StockReservationCancelled', 600, 100],
    ['email', 'send', 'MailSent', 700, 200],
  ]),
  remaining: [],
};

/** The same, once it is known that it was charged, and that is taken back. */
const refunded: Order = {
  ...cancelled,
  version: 6,
  updatedAt: at(1_300),
  payment: { state: 'refunded', amount: euro(9_980), refunded: euro(9_980), declineReason: null },
  steps: [
    ...cancelled.steps,
    ...stepsOf([
      ['payment', 'charge', 'PaymentCompleted', 1_200, 1_017],
      ['payment', 'refund', 'PaymentRefunded', 1_300, 800],
    ]),
  ],
};

/** For tests: orders as order-view would tell them. */
export const exampleOrders = { placed, onItsWay, confirmed, cancelled, refunded };
