import type { EventName } from './generated/events.ts';

/** The services of the saga. A service's name is its consumer group and its `ce_source`, too. */
export const serviceNames = ['order', 'inventory', 'payment', 'shipping', 'email'] as const;
export type ServiceName = (typeof serviceNames)[number];

/** Services beside the saga: each looks at it, most from a database of their own, and takes no part in it. */
export const companionNames = ['dead-letters', 'order-view', 'console'] as const;
export type CompanionName = (typeof companionNames)[number];

/** Who reacts on the kernel, each as one consumer group named after it: the saga's services, and the view of it. */
export const groupNames = [...serviceNames, 'order-view'] as const;
export type GroupName = (typeof groupNames)[number];

/** Whether it takes part in the saga, and doesn't only look at it. */
export const isOfSaga = (name: string): name is ServiceName =>
  serviceNames.some((service) => service === name);

const DAY_MS = 24 * 60 * 60 * 1000;
const PARTITIONS = 6;

export interface Topic {
  readonly name: TopicName;
  /** The one service that writes it. */
  readonly writer: GroupName;
  /** The field of every event in it that is the partition key. */
  readonly key: 'orderId' | 'sku';
  readonly partitions: number;
  /** `kept`: for ever, this is the event store. `compact`: the newest of each key stays. `delete`: for `retentionMs`. */
  readonly cleanup: 'kept' | 'compact' | 'delete';
  /** For `compact`: even the newest of a key goes after this time. */
  readonly retentionMs?: number;
  readonly events: readonly EventName[];
  /** Says something about a person: must not be kept. */
  readonly personalData: boolean;
}

export type TopicName =
  | 'orders.events'
  | 'orders.contacts'
  | 'orders.read-model'
  | 'outbox.events'
  | 'inventory.events'
  | 'inventory.products'
  | 'payments.events'
  | 'shipping.events'
  | 'email.events';

const kept = { key: 'orderId', partitions: PARTITIONS, cleanup: 'kept', personalData: false } as const;

/** Every topic. The only place in the house that holds these names. */
export const topics: Readonly<Record<TopicName, Topic>> = {
  'orders.events': {
    ...kept,
    name: 'orders.events',
    writer: 'order',
    events: ['OrderCreated', 'OrderConfirmed', 'OrderCancelled'],
  },
  'orders.contacts': {
    name: 'orders.contacts',
    writer: 'order',
    key: 'orderId',
    partitions: PARTITIONS,
    cleanup: 'compact',
    retentionMs: 7 * DAY_MS,
    events: ['OrderContact'],
    personalData: true,
  },
  'orders.read-model': {
    name: 'orders.read-model',
    writer: 'order-view',
    key: 'orderId',
    partitions: PARTITIONS,
    cleanup: 'compact',
    events: ['OrderReadModel'],
    personalData: false,
  },
  'outbox.events': {
    name: 'outbox.events',
    writer: 'order',
    key: 'orderId',
    partitions: PARTITIONS,
    cleanup: 'delete',
    retentionMs: 7 * DAY_MS,
    events: ['EmailNotification'],
    personalData: true,
  },
  'inventory.events': {
    ...kept,
    name: 'inventory.events',
    writer: 'inventory',
    events: ['StockReserved', 'StockReservationFailed', 'StockReservationCancelled', 'StockShipped'],
  },
  'inventory.products': {
    name: 'inventory.products',
    writer: 'inventory',
    key: 'sku',
    partitions: PARTITIONS,
    cleanup: 'compact',
    events: ['ProductListed'],
    personalData: false,
  },
  'payments.events': {
    ...kept,
    name: 'payments.events',
    writer: 'payment',
    events: ['PaymentCompleted', 'PaymentFailed', 'PaymentRefunded'],
  },
  'shipping.events': {
    ...kept,
    name: 'shipping.events',
    writer: 'shipping',
    events: ['ShipmentScheduled', 'ShipmentFailed', 'ShipmentDispatched', 'ShipmentCancelled'],
  },
  'email.events': {
    ...kept,
    name: 'email.events',
    writer: 'email',
    events: ['MailSent', 'MailUnknown'],
  },
};

/** Which topics each service consumes, as one consumer group named after it. */
export const groups: Readonly<Record<GroupName, readonly TopicName[]>> = {
  order: ['inventory.products', 'inventory.events', 'payments.events', 'shipping.events', 'email.events'],
  inventory: ['orders.events'],
  payment: ['orders.events', 'inventory.events'],
  shipping: ['orders.events', 'orders.contacts', 'payments.events'],
  email: ['outbox.events'],
  'order-view': ['orders.events', 'inventory.events', 'payments.events', 'shipping.events', 'email.events'],
};

const topicByEvent: ReadonlyMap<EventName, TopicName> = new Map(
  Object.values(topics).flatMap((topic) => topic.events.map((event) => [event, topic.name] as const)),
);

/** The topic that an event travels in: exactly one. */
export function topicOf(event: EventName): TopicName {
  const topic = topicByEvent.get(event);
  if (topic === undefined) throw new Error(`No topic carries ${event}: add it to the catalogue`);
  return topic;
}

export const eventsOf = (topic: TopicName): readonly EventName[] => topics[topic].events;

/** The services of the saga whose group consumes a topic. */
export const readersOf = (topic: TopicName): readonly ServiceName[] =>
  serviceNames.filter((service) => groups[service].includes(topic));

/** A topic's settings in Kafka's own words. */
export function topicConfig({ cleanup, retentionMs }: Topic): Readonly<Record<string, string>> {
  if (cleanup === 'compact' && retentionMs === undefined) return { 'cleanup.policy': 'compact' };
  return {
    'cleanup.policy': cleanup === 'compact' ? 'compact,delete' : 'delete',
    // -1: for ever
    'retention.ms': String(retentionMs ?? -1),
    'retention.bytes': '-1',
  };
}

export interface DeadLetterTopic {
  readonly name: string;
  readonly topic: TopicName;
  /** The group that writes it: the one that could not handle the message. */
  readonly writer: GroupName;
  readonly partitions: number;
  readonly retentionMs: number;
}

export const dlqTopic = (topic: TopicName, group: string): string => `${topic}.${group}.dlq`;

/** Every dead letter topic: one for each topic and each group that consumes it. */
export const deadLetterTopics: readonly DeadLetterTopic[] = groupNames.flatMap((writer) =>
  groups[writer].map((topic) => ({
    name: dlqTopic(topic, writer),
    topic,
    writer,
    // Few and far between, read by people: one partition keeps them in the order they fell.
    partitions: 1,
    retentionMs: 14 * DAY_MS,
  })),
);
