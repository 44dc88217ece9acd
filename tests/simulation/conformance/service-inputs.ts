import type { EventName, Events } from '@skald/contracts';
import type { Input } from '@skald/messaging';

/** What any service may be told of two orders and two SKUs, as a pair of numbers draws it. */

export const AT = Date.UTC(2026, 0, 5);
const SKUS = ['SKU-0001', 'SKU-0002'] as const;
export const uuid = (number: number): string => `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`;
export const orderIds = [uuid(1), uuid(2)];
const total = { amount: 6_490, currency: 'EUR' };
const address = {
  name: 'Ada Lovelace',
  street: '12 Analytical Way',
  postalCode: '10115',
  city: 'Berlin',
  country: 'DE',
};
const skuOf = (which: number): string => SKUS[which % 2] ?? SKUS[0];
const linesOf = (which: number) => [
  {
    sku: skuOf(which),
    name: 'Oak Desk Lamp',
    quantity: 1 + (which % 3),
    unitPrice: total,
  },
];

type Tell<Name extends EventName> = (orderId: string, which: number) => Events[Name];

const events: { readonly [Name in EventName]?: Tell<Name> } = {
  OrderCreated: (orderId, which) => ({
    orderId,
    customerId: 'ada',
    lines: linesOf(which),
    total,
    paymentMethod: 'tok_visa',
    createdAt: AT,
  }),
  OrderContact: (orderId, which) => ({ orderId, ...address, street: `${which}`, email: 'ada@example.org' }),
  OrderConfirmed: (orderId) => ({ orderId, shipmentId: uuid(9), confirmedAt: AT }),
  OrderCancelled: (orderId) => ({ orderId, reason: 'OUT_OF_STOCK', cancelledAt: AT }),
  StockReserved: (orderId, which) => ({ orderId, lines: linesOf(which), reservedAt: AT }),
  StockReservationFailed: (orderId) => ({ orderId, shortages: [], failedAt: AT }),
  PaymentCompleted: (orderId) => ({
    orderId,
    paymentId: uuid(8),
    chargeId: 'charge',
    amount: total,
    completedAt: AT,
  }),
  PaymentFailed: (orderId) => ({ orderId, paymentId: uuid(8), code: 'card_declined', failedAt: AT }),
  ShipmentScheduled: (orderId) => ({
    orderId,
    shipmentId: uuid(9),
    carrier: 'skald-express',
    trackingNumber: 'SX-1',
    promisedDate: '2026-01-31',
    scheduledAt: AT,
    serviceLevel: 'standard',
  }),
  ProductListed: (_orderId, which) => ({
    sku: skuOf(which),
    name: `Lamp ${which % 3}`,
    unitPrice: total,
    listedAt: AT,
  }),
  MailSent: (orderId) => ({
    orderId,
    notificationId: uuid(7),
    template: 'order-confirmation',
    sentAt: AT,
  }),
  EmailNotification: (orderId, which) => ({
    orderId,
    notificationId: uuid(7),
    template: which % 2 === 0 ? 'order-cancelled' : 'order-confirmation',
    email: 'ada@example.org',
    name: 'Ada Lovelace',
    lines: linesOf(which),
    total,
    reason: 'OUT_OF_STOCK',
    carrier: null,
    trackingNumber: null,
    promisedDate: null,
  }),
};

const outcomes: Readonly<Record<string, (which: number) => unknown>> = {
  charge: (which) =>
    which % 3 === 0
      ? { status: 'declined', code: 'card_declined' }
      : { status: 'charged', chargeId: 'charge' },
  refund: () => ({ refundId: 'refund' }),
  booking: (which) =>
    which % 3 === 0
      ? { status: 'refused', code: 'UNSERVICEABLE' }
      : {
          status: 'booked',
          carrier: 'skald-express',
          trackingNumber: 'SX-1',
          promisedDate: '2026-01-31',
          serviceLevel: 'standard',
        },
  'call-off': () => null,
  'mail/order-confirmation': (which) =>
    which % 3 === 0 ? { status: 'unknown', cause: 'no answer' } : { status: 'sent' },
  'mail/order-cancelled': () => ({ status: 'sent' }),
};

const commands: Readonly<Record<string, (which: number) => unknown>> = {
  PlaceOrder: (which) => ({
    customerId: 'ada',
    lines: linesOf(which),
    total,
    paymentMethod: 'tok_visa',
    contact: { ...address, email: 'ada@example.org' },
    idempotencyKey: `key-${which % 2}`,
    fingerprint: `body-${which % 3}`,
  }),
  CancelOrder: () => null,
  CountStock: (which) => ({ sku: skuOf(which), onHand: which }),
};

/** `sequence`: of an event, in whichever topic. */
export function inputOf(name: string, which: number, sequence: number): Input {
  const orderId = uuid(1 + (which & 1));
  const key = name === 'ProductListed' ? skuOf(which >> 1) : orderId;
  const arrival = { key, time: AT, id: uuid(100 + which), correlationId: 'one', traceparent: undefined };
  const event = events[name as EventName];
  if (event !== undefined)
    return { ...arrival, kind: 'event', name, data: event(orderId, which >> 1), sequence } as Input;
  const outcome = outcomes[name];
  if (outcome !== undefined) return { ...arrival, kind: 'outcome', name, data: outcome(which >> 1) };
  const command = commands[name];
  if (command === undefined) throw new Error(`nobody is told of ${name}`);
  return { ...arrival, kind: 'command', name, data: command(which >> 1) };
}
