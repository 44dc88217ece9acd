import {
  type EmailTemplate,
  type EventName,
  type Events,
  type OrderReadModel,
  topicOf,
} from '@skald/contracts';
import type { EventInput } from '@skald/messaging';
import { emptyView, fold, modelOf, type View } from '../src/view.ts';

/** A UUIDv7 like any other, told from the next by its number. */
export const uuid = (number: number): string => `01890a5d-ac96-774b-bcce-${String(number).padStart(12, '0')}`;

export const orderId = uuid(1);
export const placedAt = Date.UTC(2026, 0, 31, 12);
export const money = (amount: number) => ({ amount, currency: 'EUR' });

const lines = [
  { sku: 'SKU-0001', name: 'Oak Desk Lamp', quantity: 2, unitPrice: money(6_480) },
  { sku: 'SKU-0042', name: 'Copper Coaster Set', quantity: 1, unitPrice: money(2_120) },
];
const stock = lines.map(({ sku, quantity }) => ({ sku, quantity }));

/** What each event says in these tests. `ms`: since the order was placed. */
const data: { readonly [Name in EventName]?: (at: number) => Omit<Events[Name], 'orderId'> } = {
  OrderCreated: (createdAt) => ({
    customerId: 'ada',
    lines,
    total: money(15_080),
    paymentMethod: 'tok_visa',
    createdAt,
  }),
  OrderConfirmed: (confirmedAt) => ({ shipmentId: uuid(500), confirmedAt }),
  OrderCancelled: (cancelledAt) => ({ reason: 'PAYMENT_DECLINED', cancelledAt }),
  StockReserved: (reservedAt) => ({ lines: stock, reservedAt }),
  StockReservationFailed: (failedAt) => ({
    shortages: [{ sku: 'SKU-0042', requested: 1, available: 0 }],
    failedAt,
  }),
  StockReservationCancelled: (cancelledAt) => ({ lines: stock, cancelledAt }),
  StockShipped: (shippedAt) => ({ lines: stock, shippedAt }),
  PaymentCompleted: (completedAt) => ({
    paymentId: uuid(600),
    chargeId: 'ch_1',
    amount: money(15_080),
    completedAt,
  }),
  PaymentFailed: (failedAt) => ({ paymentId: uuid(600), code: 'card_declined', failedAt }),
  PaymentRefunded: (refundedAt) => ({
    paymentId: uuid(600),
    chargeId: 'ch_1',
    refundId: 're_1',
    amount: money(15_080),
    refundedAt,
  }),
  ShipmentScheduled: (scheduledAt) => ({
    shipmentId: uuid(500),
    carrier: 'Skald Express',
    trackingNumber: 'SX1',
    promisedDate: '2026-02-02',
    scheduledAt,
    serviceLevel: 'standard',
  }),
  ShipmentFailed: (failedAt) => ({ code: 'ADDRESS_UNSERVICEABLE', failedAt }),
  ShipmentDispatched: (dispatchedAt) => ({
    shipmentId: uuid(500),
    trackingNumber: 'SX1',
    dispatchedAt,
  }),
  ShipmentCancelled: (cancelledAt) => ({ shipmentId: uuid(500), cancelledAt }),
};

/** An event, and when: ms since the order was placed. A mail is named with its template: `MailSent order-cancelled`. */
export type Told = readonly [what: string, ms: number];

/** An order's events, in the order told; each topic counts its own sequence. */
export function tell(told: readonly Told[], id = orderId): EventInput[] {
  const last = new Map<string, number>();
  return told.map(([what, ms]) => {
    const [name, template] = what.split(' ') as [EventName, EmailTemplate | undefined];
    const topic = topicOf(name);
    const sequence = (last.get(topic) ?? 0) + 1;
    last.set(topic, sequence);
    const at = placedAt + ms;
    const mail = {
      notificationId: uuid(700),
      template,
      ...(name === 'MailSent' ? { sentAt: at } : { cause: 'timeout', at }),
    };
    return {
      kind: 'event',
      key: id,
      name,
      data: { orderId: id, ...(template === undefined ? data[name]?.(at) : mail) },
      time: at,
      id: uuid(800),
      correlationId: 'test',
      sequence,
      place: { partition: 3, offset: 100 + sequence },
    } as EventInput;
  });
}

export const foldAll = (events: readonly EventInput[], id = orderId): View =>
  events.reduce(fold, emptyView(id));

export const modelAfter = (told: readonly Told[]) => modelOf(foldAll(tell(told)));

/** A confirmed order's whole way. */
export const confirmed: readonly Told[] = [
  ['OrderCreated', 0],
  ['StockReserved', 100],
  ['MailSent order-confirmation', 120],
  ['PaymentCompleted', 250],
  ['ShipmentScheduled', 400],
  ['OrderConfirmed', 450],
  ['StockShipped', 500],
  ['ShipmentDispatched', 510],
  ['MailSent shipment-scheduled', 620],
];

/** Nobody delivers there: charged, then refunded. */
export const unserviceable: readonly Told[] = [
  ['OrderCreated', 0],
  ['StockReserved', 100],
  ['MailSent order-confirmation', 120],
  ['PaymentCompleted', 250],
  ['ShipmentFailed', 400],
  ['OrderCancelled', 450],
  ['PaymentRefunded', 500],
  ['StockReservationCancelled', 510],
  ['MailUnknown order-cancelled', 620],
];

/** The model of an order like any other, told from the next by its number: a later one was placed later. */
export function modelNumber(
  number: number,
  part: Partial<OrderReadModel> = {},
  products: readonly { readonly sku: string; readonly name: string }[] = [
    { sku: 'SKU-0001', name: 'Oak Desk Lamp' },
  ],
): OrderReadModel {
  const at = placedAt + number * 1_000;
  return {
    orderId: uuid(number),
    version: 1,
    status: 'PENDING',
    reason: null,
    customerId: `customer-${number}`,
    lines: products.map((product) => ({
      ...product,
      quantity: 1,
      unitPrice: money(1_000),
      reservation: 'waiting',
      available: null,
    })),
    total: money(1_000 * products.length),
    placedAt: at,
    updatedAt: at,
    payment: null,
    shipment: null,
    mails: [],
    steps: [
      {
        service: 'order',
        verb: 'place',
        event: 'OrderCreated',
        at,
        durationMs: null,
        sequence: 1,
        partition: 0,
        offset: number,
      },
    ],
    remaining: [{ service: 'inventory', verb: 'reserve' }],
    waitsFor: { service: 'inventory', verb: 'reserve' },
    ...part,
  };
}
