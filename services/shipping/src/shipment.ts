import type { Events } from '@skald/contracts';
import { type Decision, type DecisionContext, type NewEvent, PoisonError } from '@skald/messaging';
import type { Address, BookingAnswer } from './carrier.ts';
import type { Shipment, ShipmentState } from './shipment-state.ts';

/** What a shipment hears of: the saga's events, and the carrier's answers. */
export interface Happenings {
  OrderContact: Events['OrderContact'];
  PaymentCompleted: Events['PaymentCompleted'];
  OrderConfirmed: Events['OrderConfirmed'];
  OrderCancelled: Events['OrderCancelled'];
  booking: BookingAnswer;
  'call-off': unknown;
}

export type Happening = keyof Happenings;

/** What the carrier is asked: the address is looked up when it is asked, so that no copy stays behind. */
export interface BookingOrder {
  readonly orderId: string;
  /** Epoch ms. */
  readonly requestedAt: number;
}

export interface CallOffOrder {
  readonly trackingNumber: string;
}

/** What a decision leaves behind: the shipment's new state, and the address if it was told. */
export interface ShipmentChange {
  readonly shipment: Shipment;
  readonly address?: Address;
}

type Rule<State extends ShipmentState, H extends Happening> = (
  shipment: Shipment<State>,
  told: Happenings[H],
  context: DecisionContext,
) => Decision<ShipmentChange>;

const ignore = (reason: string) => (): Decision<never> => ({ outcome: 'ignore', reason });
const poison = (code: string, message: string) => (): never => {
  throw new PoisonError(code, message);
};

const withTheCarrier = ignore('the carrier has the address already');
const paidAlready = ignore('the payment is known already');
const answeredAlready = ignore('the answer is known already');
const neverToBeBooked = ignore('cancelled before it was booked');
const cancelledAlready = ignore('cancelled already');
const confirmedUnbooked = poison('CONFIRMED_UNBOOKED', 'an order was confirmed that has no booking');
const confirmedAfterCancel = poison(
  'CONFIRMED_AFTER_CANCEL',
  'an order was confirmed after its cancellation',
);
const bookedOutOfNothing = poison('BOOKING_UNASKED', 'an answer came to a booking that nobody asked for');
const calledOffOutOfNothing = poison('CALL_OFF_UNASKED', 'a booking was called off that nobody asked to');

/** Before a booking: no answer can come, no order can be confirmed, and a cancellation leaves a tombstone. */
const beforeBooking = {
  OrderConfirmed: confirmedUnbooked,
  OrderCancelled: leaveTombstone,
  booking: bookedOutOfNothing,
  'call-off': calledOffOutOfNothing,
} as const;

/** What happens to a shipment, for each state and happening. */
export const rules: {
  readonly [State in ShipmentState]: { readonly [H in Happening]: Rule<State, H> };
} = {
  none: { OrderContact: rememberAddress, PaymentCompleted: rememberPayment, ...beforeBooking },
  addressed: {
    // A correction, as long as nobody has acted on the address.
    OrderContact: rememberAddress,
    PaymentCompleted: ({ orderId }, _payment, context) => book(orderId, context),
    ...beforeBooking,
  },
  paid: { OrderContact: rememberAddressAndBook, PaymentCompleted: paidAlready, ...beforeBooking },
  booking: {
    OrderContact: withTheCarrier,
    PaymentCompleted: paidAlready,
    OrderConfirmed: confirmedUnbooked,
    OrderCancelled: rememberCancel,
    booking: takeAnswer,
    'call-off': calledOffOutOfNothing,
  },
  scheduled: {
    OrderContact: withTheCarrier,
    PaymentCompleted: paidAlready,
    OrderConfirmed: dispatch,
    OrderCancelled: callOff,
    booking: answeredAlready,
    'call-off': calledOffOutOfNothing,
  },
  refused: {
    OrderContact: withTheCarrier,
    PaymentCompleted: paidAlready,
    OrderConfirmed: confirmedUnbooked,
    OrderCancelled: ignore('nothing was booked'),
    booking: answeredAlready,
    'call-off': calledOffOutOfNothing,
  },
  dispatched: {
    OrderContact: withTheCarrier,
    PaymentCompleted: paidAlready,
    OrderConfirmed: ignore('dispatched already'),
    OrderCancelled: poison('CANCELLED_AFTER_CONFIRM', 'an order was cancelled after its confirmation'),
    booking: answeredAlready,
    'call-off': calledOffOutOfNothing,
  },
  cancelling: {
    OrderContact: withTheCarrier,
    PaymentCompleted: paidAlready,
    OrderConfirmed: confirmedAfterCancel,
    OrderCancelled: cancelledAlready,
    booking: callOffOnceBooked,
    'call-off': calledOffOutOfNothing,
  },
  'called-off': {
    OrderContact: withTheCarrier,
    PaymentCompleted: paidAlready,
    OrderConfirmed: confirmedAfterCancel,
    OrderCancelled: cancelledAlready,
    booking: answeredAlready,
    'call-off': ignore('the carrier knows now'),
  },
  cancelled: {
    OrderContact: neverToBeBooked,
    PaymentCompleted: neverToBeBooked,
    OrderConfirmed: confirmedAfterCancel,
    OrderCancelled: cancelledAlready,
    booking: bookedOutOfNothing,
    'call-off': calledOffOutOfNothing,
  },
};

/** The table's word on a shipment. Throws PoisonError for what can't happen. */
export function decideShipment<H extends Happening>(
  shipment: Shipment,
  happening: H,
  told: Happenings[H],
  context: DecisionContext,
): Decision<ShipmentChange> {
  // The row of a shipment's state takes that shipment; the compiler can't follow the two from one index to the other.
  const rule = rules[shipment.state][happening] as Rule<ShipmentState, H>;
  return rule(shipment, told, context);
}

function rememberAddress({ orderId }: Shipment, contact: Events['OrderContact']): Decision<ShipmentChange> {
  return {
    outcome: 'remember',
    change: { shipment: { orderId, state: 'addressed' }, address: addressIn(contact) },
  };
}

/** The payment has overtaken the address: another topic, so nothing keeps them in order. */
function rememberPayment({ orderId }: Shipment): Decision<ShipmentChange> {
  return { outcome: 'remember', change: { shipment: { orderId, state: 'paid' } } };
}

function rememberAddressAndBook(
  { orderId }: Shipment,
  contact: Events['OrderContact'],
  context: DecisionContext,
): Decision<ShipmentChange> {
  const booking = book(orderId, context);
  return { ...booking, change: { ...booking.change, address: addressIn(contact) } };
}

/** The mail address is none of a carrier's business, so it isn't kept. */
const addressIn = ({ name, street, postalCode, city, country }: Events['OrderContact']): Address => ({
  name,
  street,
  postalCode,
  city,
  country,
});

function leaveTombstone({ orderId }: Shipment): Decision<ShipmentChange> {
  return { outcome: 'remember', change: { shipment: { orderId, state: 'cancelled' } } };
}

/** The order alone makes the key, so that an order can't be booked twice, whatever crashes in between. */
function book(orderId: string, { now, newId }: DecisionContext) {
  const data: BookingOrder = { orderId, requestedAt: now };
  const shipment: Shipment<'booking'> = { orderId, state: 'booking', shipmentId: newId() };
  return {
    outcome: 'apply',
    change: { shipment },
    effects: [{ kind: 'booking', id: orderId, data }],
  } as const;
}

function takeAnswer(
  { orderId, shipmentId }: Shipment<'booking'>,
  answer: BookingAnswer,
  { now }: DecisionContext,
): Decision<ShipmentChange> {
  if (answer.status === 'refused') {
    const { code } = answer;
    return {
      outcome: 'apply',
      change: { shipment: { orderId, state: 'refused', shipmentId, refusal: code } },
      events: [{ name: 'ShipmentFailed', key: orderId, data: { orderId, code, failedAt: now } }],
    };
  }
  const { status: _, ...booking } = answer;
  return {
    outcome: 'apply',
    change: { shipment: { orderId, state: 'scheduled', shipmentId, booking } },
    events: [
      {
        name: 'ShipmentScheduled',
        key: orderId,
        data: { orderId, shipmentId, ...booking, scheduledAt: now },
      },
    ],
  };
}

function dispatch(
  shipment: Shipment<'scheduled'>,
  _: unknown,
  { now }: DecisionContext,
): Decision<ShipmentChange> {
  const { orderId, shipmentId, booking } = shipment;
  const { trackingNumber } = booking;
  return {
    outcome: 'apply',
    change: { shipment: { ...shipment, state: 'dispatched' } },
    events: [
      {
        name: 'ShipmentDispatched',
        key: orderId,
        data: { orderId, shipmentId, trackingNumber, dispatchedAt: now },
      },
    ],
  };
}

/** Nobody can call a booking back from the wire: what to undo is only known when its answer is in. */
function rememberCancel(shipment: Shipment<'booking'>): Decision<ShipmentChange> {
  return { outcome: 'remember', change: { shipment: { ...shipment, state: 'cancelling' } } };
}

/** The order has ended by now, so it hears neither of the booking nor of a refusal: only that nothing will come. */
function callOffOnceBooked(
  { orderId, shipmentId }: Shipment<'cancelling'>,
  answer: BookingAnswer,
  context: DecisionContext,
): Decision<ShipmentChange> {
  if (answer.status === 'refused') {
    return {
      outcome: 'apply',
      change: { shipment: { orderId, state: 'refused', shipmentId, refusal: answer.code } },
    };
  }
  const { status: _, ...booking } = answer;
  return callOff({ orderId, state: 'scheduled', shipmentId, booking }, undefined, context);
}

function callOff(
  shipment: Shipment<'scheduled'>,
  _: unknown,
  { now }: DecisionContext,
): Decision<ShipmentChange> {
  const { orderId, shipmentId, booking } = shipment;
  const data: CallOffOrder = { trackingNumber: booking.trackingNumber };
  const cancelled: NewEvent = {
    name: 'ShipmentCancelled',
    key: orderId,
    data: { orderId, shipmentId, cancelledAt: now },
  };
  return {
    outcome: 'apply',
    change: { shipment: { ...shipment, state: 'called-off' } },
    events: [cancelled],
    effects: [{ kind: 'call-off', id: orderId, data }],
  };
}
