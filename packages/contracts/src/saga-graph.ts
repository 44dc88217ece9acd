import { eventsOf, groups, type ServiceName } from './catalogue.ts';
import type { EventName } from './generated/events.ts';
import { stepsBefore } from './saga-order.ts';

/**
 * What a step is to the saga:
 * - `compensable`: before the pivot; may refuse, and `undoneBy` takes it back
 * - `pivot`: from here on the saga only goes forward
 * - `retriable`: after the pivot or beside the saga; cannot refuse, only be late
 * - `compensation`: takes a compensable step back
 * - `record`: takes note, decides nothing
 */
export type StepKind = 'compensable' | 'pivot' | 'retriable' | 'compensation' | 'record';

/** What asks for a step from outside of the topics. */
export type Asker = 'customer' | 'deadline' | 'warehouse';

/** One business verb of one service: what calls for it and what it says. */
export interface Step {
  readonly service: ServiceName;
  readonly verb: string;
  readonly kind: StepKind;
  readonly on: readonly EventName[];
  /** `all`: waits until it has every one of `on`, in whatever order they come. `any`: each of them is enough. */
  readonly needs: 'any' | 'all';
  readonly askedBy?: readonly Asker[];
  /** What it publishes when it succeeds: all of them, in one transaction. */
  readonly publishes: readonly EventName[];
  /** What it publishes instead when it can't be done: a refusal by the business is an event, never an exception. */
  readonly onFailure: readonly EventName[];
  /** The verb of the same service that takes this step back. */
  readonly undoneBy?: string;
}

/** The saga as data. Every service's table must say the same, and the diagrams are drawn from it. */
export const sagaGraph: readonly Step[] = [
  {
    service: 'order',
    verb: 'place',
    kind: 'compensable',
    on: [],
    needs: 'any',
    askedBy: ['customer'],
    publishes: ['OrderCreated', 'OrderContact', 'EmailNotification'],
    onFailure: [],
    undoneBy: 'cancel',
  },
  {
    service: 'inventory',
    verb: 'reserve',
    kind: 'compensable',
    on: ['OrderCreated'],
    needs: 'all',
    publishes: ['StockReserved'],
    onFailure: ['StockReservationFailed'],
    undoneBy: 'release',
  },
  {
    service: 'payment',
    verb: 'charge',
    kind: 'compensable',
    on: ['OrderCreated', 'StockReserved'],
    needs: 'all',
    publishes: ['PaymentCompleted'],
    onFailure: ['PaymentFailed'],
    undoneBy: 'refund',
  },
  {
    service: 'shipping',
    verb: 'book',
    kind: 'compensable',
    on: ['OrderContact', 'PaymentCompleted'],
    needs: 'all',
    publishes: ['ShipmentScheduled'],
    onFailure: ['ShipmentFailed'],
    undoneBy: 'callOff',
  },
  {
    service: 'order',
    verb: 'confirm',
    kind: 'pivot',
    on: ['ShipmentScheduled'],
    needs: 'all',
    publishes: ['OrderConfirmed', 'EmailNotification'],
    onFailure: [],
  },
  {
    service: 'inventory',
    verb: 'ship',
    kind: 'retriable',
    on: ['OrderConfirmed'],
    needs: 'all',
    publishes: ['StockShipped'],
    onFailure: [],
  },
  {
    service: 'shipping',
    verb: 'dispatch',
    kind: 'retriable',
    on: ['OrderConfirmed'],
    needs: 'all',
    publishes: ['ShipmentDispatched'],
    onFailure: [],
  },
  {
    service: 'order',
    verb: 'cancel',
    kind: 'compensation',
    on: ['StockReservationFailed', 'PaymentFailed', 'ShipmentFailed'],
    needs: 'any',
    askedBy: ['customer', 'deadline'],
    publishes: ['OrderCancelled', 'EmailNotification'],
    onFailure: [],
  },
  {
    service: 'inventory',
    verb: 'release',
    kind: 'compensation',
    on: ['OrderCancelled'],
    needs: 'all',
    publishes: ['StockReservationCancelled'],
    onFailure: [],
  },
  {
    service: 'payment',
    verb: 'refund',
    kind: 'compensation',
    on: ['OrderCancelled'],
    needs: 'all',
    publishes: ['PaymentRefunded'],
    onFailure: [],
  },
  {
    service: 'shipping',
    verb: 'callOff',
    kind: 'compensation',
    on: ['OrderCancelled'],
    needs: 'all',
    publishes: ['ShipmentCancelled'],
    onFailure: [],
  },
  {
    service: 'email',
    verb: 'send',
    kind: 'retriable',
    on: ['EmailNotification'],
    needs: 'all',
    publishes: ['MailSent'],
    onFailure: ['MailUnknown'],
  },
  {
    service: 'order',
    verb: 'record',
    kind: 'record',
    on: [
      'StockReserved',
      'StockReservationCancelled',
      'StockShipped',
      'PaymentCompleted',
      'PaymentRefunded',
      'ShipmentDispatched',
      'ShipmentCancelled',
      'MailSent',
      'MailUnknown',
    ],
    needs: 'any',
    publishes: [],
    onFailure: [],
  },
  {
    service: 'inventory',
    verb: 'list',
    kind: 'retriable',
    on: [],
    needs: 'any',
    askedBy: ['warehouse'],
    publishes: ['ProductListed'],
    onFailure: [],
  },
  {
    service: 'order',
    verb: 'learnPrice',
    kind: 'record',
    on: ['ProductListed'],
    needs: 'any',
    publishes: [],
    onFailure: [],
  },
];

const stepsOf = (service: ServiceName): readonly Step[] =>
  sagaGraph.filter((step) => step.service === service);

/** Event → verb of a service: what its own table must hold, no more and no less. */
export function reactionsOf(service: ServiceName): Readonly<Partial<Record<EventName, string>>> {
  return Object.fromEntries(stepsOf(service).flatMap(({ on, verb }) => on.map((event) => [event, verb])));
}

/** The events that reach a service because of their topic, and that no verb of its reads. */
export function unreadBy(service: ServiceName): readonly EventName[] {
  const reactions = reactionsOf(service);
  return groups[service].flatMap(eventsOf).filter((event) => reactions[event] === undefined);
}

/**
 * The events that bring an order no nearer to being confirmed or cancelled by themselves: notes, what comes after its
 * end, and what a step needs beside the last event that it waits for. Their service may let them gather.
 */
export function lingeringIn(service: ServiceName): readonly EventName[] {
  return stepsOf(service).flatMap((step) =>
    step.on.filter((event) => !isOnTheWay(step, event) || step.on.some((other) => isBefore(event, other))),
  );
}

const isOnTheWay = ({ kind }: Step, event: EventName): boolean =>
  kind === 'compensable' || kind === 'pivot' || (kind === 'compensation' && isRefusal(event));

/** Whether it says that a step before the pivot can't be done, so that the order is to be cancelled. */
const isRefusal = (event: EventName): boolean =>
  sagaGraph.some(({ kind, onFailure }) => kind === 'compensable' && onFailure.includes(event));

/** Whether an event is published by a step that the other's step follows. */
const isBefore = (event: EventName, other: EventName): boolean =>
  writersOf(other)
    .flatMap((writer) => [...stepsBefore(writer, sagaGraph)])
    .some(({ publishes }) => publishes.includes(event));

/** The steps that publish an event. */
export const writersOf = (event: EventName): readonly Step[] =>
  sagaGraph.filter(({ publishes, onFailure }) => publishes.includes(event) || onFailure.includes(event));

/** The steps that an event calls for. */
export const reactorsTo = (event: EventName): readonly Step[] =>
  sagaGraph.filter(({ on }) => on.includes(event));
