import type { ServiceName } from '../contender.ts';
import type { Order } from '../shop.ts';
import { topicOf } from '../topics.ts';

/** One topic a service. */
const writers = {
  OrderCreated: 'order',
  OrderConfirmed: 'order',
  OrderCancelled: 'order',
  StockReserved: 'inventory',
  StockReservationFailed: 'inventory',
  StockReleased: 'inventory',
  StockShipped: 'inventory',
  PaymentCompleted: 'payment',
  PaymentFailed: 'payment',
  PaymentRefunded: 'payment',
  ShipmentScheduled: 'shipping',
  ShipmentFailed: 'shipping',
  ShipmentDispatched: 'shipping',
  ShipmentCancelled: 'shipping',
} as const satisfies Record<string, ServiceName>;

export type TutorialEventType = keyof typeof writers;

/** Every event carries the whole order along, so that no service has to ask another. */
export interface NewTutorialEvent {
  readonly type: TutorialEventType;
  readonly order: Order;
  readonly reason?: string;
}

export interface TutorialEvent extends NewTutorialEvent {
  readonly id: string;
  /** Epoch ms. */
  readonly at: number;
}

export const topicOfEvent = (type: TutorialEventType): string => topicOf('tutorial', writers[type]);
