export type Service = 'order' | 'inventory' | 'payment' | 'shipping' | 'email';

export const services: readonly Service[] = ['order', 'inventory', 'payment', 'shipping', 'email'];

/** Every event carries the whole order along, so that no service has to ask another. Amounts in minor units. */
export interface Order {
  readonly orderId: string;
  readonly customerId: string;
  readonly email: string;
  readonly currency: string;
  readonly items: readonly { readonly sku: string; readonly quantity: number; readonly unitPrice: number }[];
  readonly total: number;
  readonly paymentMethod: string;
  readonly shippingAddress: {
    readonly name: string;
    readonly street: string;
    readonly postalCode: string;
    readonly city: string;
    readonly country: string;
  };
}

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
} as const satisfies Record<string, Service>;

export type TutorialEventType = keyof typeof writers;

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

export const topicOfService = (service: Service): string => `tutorial.${service}`;

export const groupOfService = (service: Service): string => `tutorial-${service}`;

export const topicOfEvent = (type: TutorialEventType): string => topicOfService(writers[type]);
