import type { EventName, Events, ServiceName } from '@skald/contracts';
import type { MailAnswer } from '@skald/email/simulation';
import type { PlaceOrder } from '@skald/order/simulation';
import type { ChargeAnswer, RefundAnswer } from '@skald/payment/simulation';
import type { BookingAnswer } from '@skald/shipping/simulation';
import type { OrderRecord, RecordedEvent } from './recorded-event.ts';

/** What reached a service from outside of the topics: a customer, the clock, or the answer to an effect. */
export interface OutsideWord {
  readonly kind: 'command' | 'outcome';
  readonly service: ServiceName;
  readonly name: string;
  readonly data: unknown;
}

const command = (name: string, data: unknown = null): OutsideWord => ({
  kind: 'command',
  service: 'order',
  name,
  data,
});
const charge = (data: ChargeAnswer) => outcome('payment', 'charge', data);
const refund = (data: RefundAnswer) => outcome('payment', 'refund', data);
const booking = (data: BookingAnswer) => outcome('shipping', 'booking', data);
const mail = (template: string, data: MailAnswer) => outcome('email', `mail/${template}`, data);

function outcome(service: ServiceName, name: string, data: unknown): OutsideWord {
  return { kind: 'outcome', service, name, data };
}

type Table = { readonly [N in EventName]?: (data: Events[N]) => OutsideWord | undefined };

const NOT_RECORDED = 'not recorded';

/**
 * Nobody records what comes from outside; but what was published because of it tells what it was. No provider, carrier,
 * mail server or customer is ever asked: this is all that a replay knows of them.
 */
const table: Table = {
  OrderCreated: (data) => command('PlaceOrder', placeOrder(data)),
  OrderCancelled({ reason }) {
    if (reason === 'CANCELLED_BY_CUSTOMER') return command('CancelOrder');
    return reason === 'DEADLINE_PASSED' ? command('DeadlinePassed') : undefined;
  },
  PaymentCompleted: ({ chargeId }) => charge({ status: 'charged', chargeId }),
  PaymentFailed: ({ code }) => charge({ status: 'declined', code }),
  PaymentRefunded: ({ refundId }) => refund({ refundId }),
  ShipmentScheduled: ({ carrier, trackingNumber, promisedDate, serviceLevel }) =>
    booking({
      status: 'booked',
      carrier,
      trackingNumber,
      promisedDate,
      // Older records have none.
      serviceLevel: serviceLevel ?? NOT_RECORDED,
    }),
  ShipmentFailed: ({ code }) => booking({ status: 'refused', code }),
  MailSent: ({ template }) => mail(template, { status: 'sent' }),
  MailUnknown: ({ template, cause }) => mail(template, { status: 'unknown', cause }),
};

/** The carrier's answer to a booking that was called off as soon as it came: the topics only tell that it was made. */
const unseenBooking = booking({
  status: 'booked',
  carrier: NOT_RECORDED,
  trackingNumber: NOT_RECORDED,
  promisedDate: '1970-01-01',
  serviceLevel: NOT_RECORDED,
});

/** What the world outside must have said, for this event to be published. */
export function wordBehind(event: RecordedEvent, { events }: OrderRecord): OutsideWord | undefined {
  if (event.name === 'ShipmentCancelled' && !events.some(({ name }) => name === 'ShipmentScheduled'))
    return unseenBooking;
  // The table's type ties each name to its data; the compiler can't follow that through the lookup.
  const read = table[event.name] as ((data: unknown) => OutsideWord | undefined) | undefined;
  return read?.(event.data);
}

/** Effects whose answer says nothing, so that none is published: they have always succeeded. */
export const silentEffects: ReadonlySet<string> = new Set(['call-off']);

/** Stands for every customer: a replay has no use for personal data. */
const somebody: PlaceOrder['contact'] = {
  name: 'Somebody',
  email: 'somebody@recorded.example',
  street: 'Some street 1',
  postalCode: '10115',
  city: 'Somewhere',
  country: 'DE',
};

const placeOrder = (order: Events['OrderCreated']): PlaceOrder => ({
  customerId: order.customerId,
  lines: order.lines,
  total: order.total,
  paymentMethod: order.paymentMethod,
  contact: somebody,
  idempotencyKey: order.orderId,
  fingerprint: '',
});

/**
 * What was on hand of each product when the order was reserved, as far as the record proves it: enough where it was
 * reserved, what was missing where it wasn't. Clerks count stock, and other orders take it, in no topic.
 */
export function shelfOf({ events }: OrderRecord): Map<string, number> {
  const shelf = new Map<string, number>();
  for (const { name, data } of events) {
    if (name !== 'OrderCreated') continue;
    for (const { sku, quantity } of data.lines) shelf.set(sku, (shelf.get(sku) ?? 0) + quantity);
  }
  for (const { name, data } of events) {
    if (name !== 'StockReservationFailed') continue;
    for (const { sku, available } of data.shortages) shelf.set(sku, available);
  }
  return shelf;
}
