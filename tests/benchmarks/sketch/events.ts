import { randomUUID } from 'node:crypto';
import type { Order } from '../shop.ts';

/** What an event tells beside its order: no more than its readers need. */
interface Payloads {
  readonly OrderCreated: Pick<Order, 'items' | 'total' | 'paymentMethod' | 'shippingAddress' | 'email'>;
  readonly OrderConfirmed: Recipient;
  readonly OrderCancelled: Recipient;
  readonly StockReserved: Pick<Order, 'total' | 'paymentMethod' | 'shippingAddress'>;
  readonly StockReservationFailed: unknown;
  readonly StockReleased: unknown;
  readonly StockShipped: unknown;
  readonly PaymentCompleted: Pick<Order, 'shippingAddress'>;
  readonly PaymentFailed: unknown;
  readonly PaymentRefunded: unknown;
  readonly ShipmentScheduled: unknown;
  readonly ShipmentFailed: unknown;
  readonly ShipmentDispatched: unknown;
  readonly ShipmentCancelled: unknown;
}

/** Who gets the mail about it. */
export interface Recipient {
  readonly email: string;
  readonly name: string;
}

export type SketchEventType = keyof Payloads;

export type NewSketchEvent = {
  [Type in SketchEventType]: { readonly type: Type; readonly orderId: string } & Payloads[Type];
}[SketchEventType];

export type SketchEvent = { readonly id: string } & NewSketchEvent;

/** A UUID of version 7: what is new goes to the end of an index, not anywhere into it. */
export function newId(): string {
  const time = Date.now().toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}

/** The id comes first and the type second, so that a reader sees without parsing what is not for it. */
export const writeEvent = ({ type, ...event }: NewSketchEvent): string =>
  `{"id":"${newId()}","type":"${type}",${JSON.stringify(event).slice(1)}`;

const typeAt = '{"id":"","type":"'.length + 36;

export function readEvent(text: string, reads: ReadonlySet<string>): SketchEvent[] {
  const type = text.slice(typeAt, text.indexOf('"', typeAt));
  return reads.has(type) ? [JSON.parse(text) as SketchEvent] : [];
}
