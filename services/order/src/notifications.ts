import type { Events } from '@skald/contracts';
import type { DecisionContext } from '@skald/messaging';
import type { OrderEvent, OrderInput } from './order.ts';

/** Whom an order's mails go to. Personal data. */
export interface Contact {
  readonly email: string;
  readonly name: string;
}

const templates = {
  OrderCreated: 'order-confirmation',
  OrderConfirmed: 'shipment-scheduled',
  OrderCancelled: 'order-cancelled',
} as const satisfies Record<OrderEvent['name'], Events['EmailNotification']['template']>;

const blank = {
  lines: null,
  total: null,
  reason: null,
  carrier: null,
  trackingNumber: null,
  promisedDate: null,
};

/** The mail that tells the customer of an event. `input` is what the event follows from. */
export function notificationOf(
  event: OrderEvent,
  contact: Contact,
  input: OrderInput,
  context: DecisionContext,
): Events['EmailNotification'] {
  return {
    notificationId: context.newId(),
    orderId: event.data.orderId,
    template: templates[event.name],
    email: contact.email,
    name: contact.name,
    ...blank,
    ...contents(event, input),
  };
}

function contents(event: OrderEvent, input: OrderInput): Partial<Events['EmailNotification']> {
  if (event.name === 'OrderCreated') return { lines: event.data.lines, total: event.data.total };
  if (event.name === 'OrderCancelled') return { reason: event.data.reason };
  if (input.name !== 'ShipmentScheduled') return {};
  const { carrier, trackingNumber, promisedDate } = input.data;
  return { carrier, trackingNumber, promisedDate };
}
