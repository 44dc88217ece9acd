// Generated from schemas/ by `npm run generate`. Changes made here are lost.
import type * as email from './email.ts';
import type * as inventory from './inventory.ts';
import type * as orders from './orders.ts';
import type * as payment from './payment.ts';
import type * as shipping from './shipping.ts';

/** Every event of the house: name → what it carries. */
export interface Events {
  readonly MailSent: email.MailSent;
  readonly MailUnknown: email.MailUnknown;
  readonly ProductListed: inventory.ProductListed;
  readonly StockReservationCancelled: inventory.StockReservationCancelled;
  readonly StockReservationFailed: inventory.StockReservationFailed;
  readonly StockReserved: inventory.StockReserved;
  readonly StockShipped: inventory.StockShipped;
  readonly EmailNotification: orders.EmailNotification;
  readonly OrderCancelled: orders.OrderCancelled;
  readonly OrderConfirmed: orders.OrderConfirmed;
  readonly OrderContact: orders.OrderContact;
  readonly OrderCreated: orders.OrderCreated;
  readonly OrderReadModel: orders.OrderReadModel;
  readonly PaymentCompleted: payment.PaymentCompleted;
  readonly PaymentFailed: payment.PaymentFailed;
  readonly PaymentRefunded: payment.PaymentRefunded;
  readonly ShipmentCancelled: shipping.ShipmentCancelled;
  readonly ShipmentDispatched: shipping.ShipmentDispatched;
  readonly ShipmentFailed: shipping.ShipmentFailed;
  readonly ShipmentScheduled: shipping.ShipmentScheduled;
}

export type EventName = keyof Events;

/** Every event's name, by domain. */
export const eventNames: readonly EventName[] = [
  'MailSent',
  'MailUnknown',
  'ProductListed',
  'StockReservationCancelled',
  'StockReservationFailed',
  'StockReserved',
  'StockShipped',
  'EmailNotification',
  'OrderCancelled',
  'OrderConfirmed',
  'OrderContact',
  'OrderCreated',
  'OrderReadModel',
  'PaymentCompleted',
  'PaymentFailed',
  'PaymentRefunded',
  'ShipmentCancelled',
  'ShipmentDispatched',
  'ShipmentFailed',
  'ShipmentScheduled',
];
