import type {
  CancelReason,
  EventName,
  Events,
  Money,
  OrderLine,
  OrderStatus,
  ReservationState,
  Shortage,
  ViewMail,
  ViewPayment,
  ViewShipment,
} from '@skald/contracts';

/** What the order itself says. */
export interface OrderSection {
  /** Undefined until OrderCreated is in: the order is not shown before. */
  readonly placed?: {
    readonly customerId: string;
    readonly lines: readonly OrderLine[];
    readonly total: Money;
    /** Epoch ms. */
    readonly placedAt: number;
  };
  readonly status: OrderStatus;
  readonly reason: CancelReason | null;
}

/** What inventory says: all lines of an order share one fate. */
export interface StockSection {
  readonly state: ReservationState;
  /** Of which there was too little. */
  readonly shortages: readonly Shortage[];
}

export interface Sections {
  readonly order: OrderSection;
  readonly stock: StockSection;
  readonly payment: ViewPayment | null;
  readonly shipment: ViewShipment | null;
  readonly mails: readonly ViewMail[];
}

/** A part of the view that the events of one topic fill, in their order, and those of no other. */
export interface Section<Content> {
  readonly empty: Content;
  readonly on: { readonly [Name in EventName]?: (content: Content, data: Events[Name]) => Content };
}

const section = <Content>(empty: Content, on: Section<Content>['on']): Section<Content> => ({ empty, on });

const stock = (state: ReservationState) => (content: StockSection) => ({ ...content, state });
const noShipment = { carrier: null, trackingNumber: null, promisedDate: null, failure: null };

/** The sections: event → what it makes of its own. As no section reads another, how topics interleave changes nothing. */
export const sections: { readonly [Name in keyof Sections]: Section<Sections[Name]> } = {
  order: section<OrderSection>(
    { status: 'PENDING', reason: null },
    {
      OrderCreated: (order, { customerId, lines, total, createdAt }) => ({
        ...order,
        placed: { customerId, lines, total, placedAt: createdAt },
      }),
      OrderConfirmed: (order) => ({ ...order, status: 'CONFIRMED' }),
      OrderCancelled: (order, { reason }) => ({ ...order, status: 'CANCELLED', reason }),
    },
  ),
  stock: section<StockSection>(
    { state: 'waiting', shortages: [] },
    {
      StockReserved: stock('reserved'),
      StockReservationFailed: (_, { shortages }) => ({ state: 'short', shortages }),
      StockReservationCancelled: stock('released'),
      StockShipped: stock('shipped'),
    },
  ),
  payment: section<ViewPayment | null>(null, {
    PaymentCompleted: (_, { amount }) => ({
      state: 'completed',
      amount,
      refunded: null,
      declineReason: null,
    }),
    PaymentFailed: (_, { code }) => ({ state: 'failed', amount: null, refunded: null, declineReason: code }),
    PaymentRefunded: (payment, { amount }) => ({
      state: 'refunded',
      // A charge that was under way when the order was cancelled is told of by its refund alone.
      amount: payment?.amount ?? amount,
      refunded: amount,
      declineReason: null,
    }),
  }),
  shipment: section<ViewShipment | null>(null, {
    ShipmentScheduled: (_, { carrier, trackingNumber, promisedDate }) => ({
      state: 'scheduled',
      carrier,
      trackingNumber,
      promisedDate,
      failure: null,
    }),
    ShipmentFailed: (_, { code }) => ({ ...noShipment, state: 'failed', failure: code }),
    ShipmentDispatched: (shipment, { trackingNumber }) => ({
      ...noShipment,
      ...shipment,
      trackingNumber,
      state: 'dispatched',
    }),
    ShipmentCancelled: (shipment) => ({ ...noShipment, ...shipment, state: 'cancelled' }),
  }),
  mails: section<readonly ViewMail[]>([], {
    MailSent: (mails, { template, sentAt: at }) => [...mails, { template, state: 'sent', at, cause: null }],
    MailUnknown: (mails, { template, at, cause }) => [...mails, { template, state: 'unknown', at, cause }],
  }),
};

export type SectionName = keyof Sections;
