import { topicOf } from '@skald/contracts';
import {
  type Decision,
  type DecisionContext,
  type EventInput,
  type Input,
  type NewEvent,
  PoisonError,
} from '@skald/messaging';
import { type Contact, notificationOf } from './notifications.ts';
import {
  decide as decideOrder,
  initialState,
  isOrderId,
  type OrderEvent,
  type OrderInput,
  type PlaceReply,
} from './order.ts';
import { currency } from './pricing.ts';
import { type Change, claimId, type HistoryEntry, type World } from './world.ts';

type SagaEvent =
  | 'ProductListed'
  | 'ShipmentScheduled'
  | 'StockReservationFailed'
  | 'PaymentFailed'
  | 'ShipmentFailed'
  | 'StockReserved'
  | 'StockReservationCancelled'
  | 'StockShipped'
  | 'PaymentCompleted'
  | 'PaymentRefunded'
  | 'ShipmentDispatched'
  | 'ShipmentCancelled'
  | 'MailSent'
  | 'MailUnknown';

type Reaction<Name extends SagaEvent> = (
  world: World,
  event: EventInput<Name>,
  context: DecisionContext,
) => Decision<Change>;

const learnPrice: Reaction<'ProductListed'> = (_world, event) => list(event);
const confirm: Reaction<'ShipmentScheduled'> = (world, event, context) => ask(world, event, context);
const cancel: Reaction<'StockReservationFailed' | 'PaymentFailed' | 'ShipmentFailed'> = (
  world,
  event,
  context,
) => ask(world, event, context);
/** Needs no state, so that the bulk of an order's events costs one row each. */
const record: Reaction<Exclude<SagaEvent, 'ProductListed'>> = (_world, event) => ({
  outcome: 'apply',
  change: { kind: 'history', entry: historyEntry(event) },
});

/** The order's part in the saga: what happened, and what the order service does about it. */
export const saga: { readonly [Name in SagaEvent]: Reaction<Name> } = {
  ShipmentScheduled: confirm,

  StockReservationFailed: cancel,
  PaymentFailed: cancel,
  ShipmentFailed: cancel,

  StockReserved: record,
  StockReservationCancelled: record,
  StockShipped: record,
  PaymentCompleted: record,
  PaymentRefunded: record,
  ShipmentDispatched: record,
  ShipmentCancelled: record,
  MailSent: record,
  MailUnknown: record,

  ProductListed: learnPrice,
};

/** What the order service is asked for from the side: by HTTP, and by the clock. */
export type Command = Extract<OrderInput, { kind: 'command' }>;

/** @throws PoisonError for what can't be true of any order. */
export function decide(world: World, input: Input, context: DecisionContext): Decision<Change> {
  if (isSagaEvent(input)) {
    checkKey(input);
    // The table's type ties each name to its event; the compiler can't follow that through the lookup.
    return (saga[input.name] as Reaction<SagaEvent>)(world, input, context);
  }
  if (isPlaceOrder(input)) return placeOnce(world, input, context);
  if (input.kind === 'command') return ask(world, input as Command, context);
  throw new PoisonError('UNEXPECTED', `Nobody here reads ${input.name}`);
}

/** Does the input ask for the state of an order that exists? */
export function needsOrder(input: Input): boolean {
  if (input.kind === 'command') return input.name !== 'PlaceOrder';
  return isSagaEvent(input) && saga[input.name] !== record && saga[input.name] !== learnPrice;
}

export const isPlaceOrder = (input: Input): input is Extract<Command, { name: 'PlaceOrder' }> =>
  input.kind === 'command' && input.name === 'PlaceOrder';

const isSagaEvent = (input: Input): input is EventInput<SagaEvent> =>
  input.kind === 'event' && Object.hasOwn(saga, input.name);

function checkKey({ key, name, data }: EventInput<SagaEvent>): void {
  const id = 'sku' in data ? data.sku : data.orderId;
  if (id !== key) throw new PoisonError('KEY_MISMATCH', `${name} of ${id} came under the key ${key}`);
  if ('orderId' in data && !isOrderId(key))
    throw new PoisonError('KEY_MISMATCH', `${name}: the key is no order id`);
}

/** One Idempotency-Key of one caller, one order: whoever comes later gets the first one's answer. */
function placeOnce(
  world: World,
  input: Extract<Command, { name: 'PlaceOrder' }>,
  context: DecisionContext,
): Decision<Change> {
  const { customerId, idempotencyKey, fingerprint } = input.data;
  const claim = world.claims.get(claimId(customerId, idempotencyKey));
  if (claim?.fresh && claim.orderId === input.key) return ask(world, input, context);
  if (!claim) throw new PoisonError('UNCLAIMED', `The key of order ${input.key} was not claimed`);
  let reply: PlaceReply = { result: 'placed', orderId: claim.orderId };
  if (claim.fresh) reply = { result: 'key-in-use' };
  if (claim.fingerprint !== fingerprint) reply = { result: 'key-reused' };
  return { outcome: 'ignore', reason: 'idempotency key used before', reply };
}

/** Let the order's rules decide. */
function ask(world: World, input: OrderInput, context: DecisionContext): Decision<Change> {
  const orderId = input.key;
  const verdict = decideOrder(world.orders.get(orderId) ?? initialState, input, context);
  if (verdict.outcome === 'ignore') {
    if (input.kind === 'command') return verdict;
    // Whoever reads the order's history shall see that it came, and why it was without effect.
    return { outcome: 'apply', change: { kind: 'history', entry: historyEntry(input, verdict.reason) } };
  }
  const placed = input.name === 'PlaceOrder' && {
    contact: input.data.contact,
    correlationId: input.correlationId,
  };
  return {
    outcome: 'apply',
    change: {
      kind: 'order',
      orderId,
      events: verdict.events,
      at: context.now,
      ...(input.kind === 'event' && { entry: historyEntry(input) }),
      ...(placed && { placed }),
    },
    events: [
      ...verdict.events.map((event): NewEvent => ({ ...event, key: orderId })),
      ...personal(verdict.events, placed ? placed.contact : world.contacts.get(orderId), input, context),
    ],
    reply: verdict.reply,
  };
}

/** What an event says of a person, on the topics that forget: where the order goes, and the customer's mail. */
function personal(
  events: readonly OrderEvent[],
  contact: Contact | undefined,
  input: OrderInput,
  context: DecisionContext,
): NewEvent[] {
  const key = input.key;
  const told: NewEvent[] = [];
  if (input.name === 'PlaceOrder') {
    told.push({ name: 'OrderContact', key, data: { orderId: key, ...input.data.contact } });
  }
  if (!contact) return told;
  for (const event of events) {
    told.push({ name: 'EmailNotification', key, data: notificationOf(event, contact, input, context) });
  }
  return told;
}

function list({ data, sequence }: EventInput<'ProductListed'>): Decision<Change> {
  const { sku, name, unitPrice } = data;
  if (unitPrice.currency !== currency) {
    throw new PoisonError('WRONG_CURRENCY', `${sku} is priced in ${unitPrice.currency}, not in ${currency}`);
  }
  return { outcome: 'apply', change: { kind: 'product', product: { sku, name, unitPrice, sequence } } };
}

function historyEntry(
  { key, name, time, sequence }: EventInput,
  ignored: string | null = null,
): HistoryEntry {
  return { orderId: key, topic: topicOf(name), sequence, name, at: time, ignored };
}
