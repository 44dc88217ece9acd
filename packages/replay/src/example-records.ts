import { type EventName, type Events, topicOf } from '@skald/contracts';
import { createOrderRecord, type OrderRecord, type RecordedEvent } from './recorded-event.ts';

/** For tests: records of orders as a system would have left them, one for each way that an order can go. */
const BEGINNING = Date.parse('2026-01-31T12:00:00.000Z');
const STEP_MS = 50;

interface Told {
  readonly name: EventName;
  readonly data: object;
  /** Of which this is what its writer answers; else the word came from outside. */
  readonly after?: EventName;
}

const order = (orderId: string): Events['OrderCreated'] => ({
  orderId,
  customerId: 'ada',
  lines: [{ sku: 'SKU-0001', name: 'Oak Desk Lamp', quantity: 2, unitPrice: euro(4_990) }],
  total: euro(9_980),
  paymentMethod: 'tok_visa',
  createdAt: BEGINNING,
});

const euro = (amount: number) => ({ amount, currency: 'EUR' });
const lines = [{ sku: 'SKU-0001', quantity: 2 }];
const paymentId = '01900000-0000-7000-8000-00000000000a';
const shipmentId = '01900000-0000-7000-8000-00000000000b';
const notificationId = '01900000-0000-7000-8000-00000000000c';

const reserved: Told = { name: 'StockReserved', data: { lines }, after: 'OrderCreated' };
const paid: Told = {
  name: 'PaymentCompleted',
  data: { paymentId, chargeId: 'ch_1', amount: euro(9_980) },
};
const scheduled: Told = {
  name: 'ShipmentScheduled',
  data: {
    shipmentId,
    carrier: 'Skald Express',
    trackingNumber: 'SX1',
    promisedDate: '2026-02-03',
    serviceLevel: 'standard',
  },
};
const cancelled = (reason: Events['OrderCancelled']['reason'], after?: EventName): Told => ({
  name: 'OrderCancelled',
  data: { reason },
  ...(after !== undefined && { after }),
});
const released: Told = { name: 'StockReservationCancelled', data: { lines }, after: 'OrderCancelled' };
const refunded: Told = {
  name: 'PaymentRefunded',
  data: { paymentId, chargeId: 'ch_1', refundId: 're_1', amount: euro(9_980) },
};
const mailed = (template: Events['MailSent']['template']): Told => ({
  name: 'MailSent',
  data: { notificationId, template },
});
const confirmation = mailed('order-confirmation');
const cancellation = mailed('order-cancelled');

/** What is told of each after OrderCreated, in the order in which it happened. */
const ways = {
  confirmed: [
    reserved,
    confirmation,
    paid,
    scheduled,
    { name: 'OrderConfirmed', data: { shipmentId }, after: 'ShipmentScheduled' },
    { name: 'StockShipped', data: { lines }, after: 'OrderConfirmed' },
    { name: 'ShipmentDispatched', data: { shipmentId, trackingNumber: 'SX1' }, after: 'OrderConfirmed' },
    mailed('shipment-scheduled'),
  ],
  'out of stock': [
    {
      name: 'StockReservationFailed',
      data: { shortages: [{ sku: 'SKU-0001', requested: 2, available: 1 }] },
      after: 'OrderCreated',
    },
    cancelled('OUT_OF_STOCK', 'StockReservationFailed'),
    confirmation,
    cancellation,
  ],
  declined: [
    reserved,
    { name: 'PaymentFailed', data: { paymentId, code: 'card_declined' } },
    cancelled('PAYMENT_DECLINED', 'PaymentFailed'),
    released,
    confirmation,
    cancellation,
  ],
  'not deliverable': [
    reserved,
    paid,
    { name: 'ShipmentFailed', data: { code: 'ADDRESS_UNSERVICEABLE' } },
    cancelled('ADDRESS_UNSERVICEABLE', 'ShipmentFailed'),
    released,
    confirmation,
    refunded,
    cancellation,
  ],
  'cancelled at once': [cancelled('CANCELLED_BY_CUSTOMER'), reserved, released, confirmation, cancellation],
  'cancelled while it was charged': [
    reserved,
    cancelled('CANCELLED_BY_CUSTOMER'),
    released,
    paid,
    refunded,
    confirmation,
    cancellation,
  ],
  'cancelled while it was booked': [
    reserved,
    paid,
    cancelled('CANCELLED_BY_CUSTOMER'),
    released,
    refunded,
    { name: 'ShipmentCancelled', data: { shipmentId } },
    confirmation,
    cancellation,
  ],
  'cancelled as its deadline passed': [
    reserved,
    paid,
    cancelled('DEADLINE_PASSED'),
    released,
    refunded,
    confirmation,
    cancellation,
  ],
  'on its way': [reserved, paid],
} as const satisfies Record<string, readonly Told[]>;

export type Way = keyof typeof ways;
export const wayNames = Object.keys(ways) as Way[];

/** `number`: of the order, so that each has an id of its own. */
export function recordOf(way: Way, number = wayNames.indexOf(way)): OrderRecord {
  const orderId = `01900000-0000-7000-8000-${String(number).padStart(12, '0')}`;
  const told: Told[] = [{ name: 'OrderCreated', data: order(orderId) }, ...ways[way]];
  const sequences = new Map<string, number>();
  const events = told.map(({ name, data, after }, step) => {
    const topic = topicOf(name);
    const sequence = (sequences.get(topic) ?? 0) + 1;
    sequences.set(topic, sequence);
    const at = BEGINNING + step * STEP_MS;
    return {
      name,
      topic,
      sequence,
      key: orderId,
      partition: 0,
      offset: step,
      data: { ...data, orderId, ...timeOf(name, at) },
      time: at,
      timestamp: at + 2,
      id: idOf(orderId, step),
      correlationId: idOf(orderId, 0),
      causationId: idOf(
        orderId,
        after === undefined ? 900 + step : told.findIndex((one) => one.name === after),
      ),
    } as unknown as RecordedEvent;
  });
  return createOrderRecord(orderId, events);
}

const idOf = (orderId: string, step: number): string =>
  `01900000-0000-7000-9${String(step).padStart(3, '0')}-${orderId.slice(-12)}`;

/** The field of each event that says when it was. */
const timeFields: Partial<Record<EventName, string>> = {
  OrderCreated: 'createdAt',
  OrderConfirmed: 'confirmedAt',
  OrderCancelled: 'cancelledAt',
  StockReserved: 'reservedAt',
  StockReservationFailed: 'failedAt',
  StockReservationCancelled: 'cancelledAt',
  StockShipped: 'shippedAt',
  PaymentCompleted: 'completedAt',
  PaymentFailed: 'failedAt',
  PaymentRefunded: 'refundedAt',
  ShipmentScheduled: 'scheduledAt',
  ShipmentFailed: 'failedAt',
  ShipmentDispatched: 'dispatchedAt',
  ShipmentCancelled: 'cancelledAt',
  MailSent: 'sentAt',
};

function timeOf(name: EventName, at: number): object {
  const field = timeFields[name];
  return field === undefined ? {} : { [field]: at };
}
