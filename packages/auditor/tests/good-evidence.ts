import {
  type EventName,
  type Events,
  groups,
  readersOf,
  type ServiceName,
  serviceNames,
  type TopicName,
  topicOf,
  topics,
} from '@skald/contracts';
import type { TopicEvent } from '../src/event-decoder.ts';
import type { OrderRow } from '../src/evidence/business-rows.ts';
import { createChains } from '../src/evidence/chains.ts';
import type { Evidence } from '../src/evidence/evidence.ts';
import { digestAddress } from '../src/evidence/facts.ts';
import type { InboxRow, KernelRows } from '../src/evidence/kernel-rows.ts';
import { createOutboxMatch, type OutboxRow } from '../src/evidence/outbox.ts';

export const confirmedId = '01900000-0000-7000-8000-000000000001';
export const cancelledId = '01900000-0000-7000-8000-000000000002';
export const takenAt = Date.UTC(2026, 0, 2);
const decidedAt = '2026-01-01T12:00:00.000Z';
const total = { amount: 2_000, currency: 'EUR' };
const lines = [{ sku: 'SKU-0001', quantity: 2 }];
const email = 'snorri@customers.example';
const topicNames = Object.keys(topics) as TopicName[];

/** Only the fields that the auditor reads. */
type Told = { readonly [N in EventName]?: Partial<Events[N]> };

let ids = 0;
export function tell(key: string, sequence: number, name: EventName, data: object = {}): TopicEvent {
  ids += 1;
  const topic = topicOf(name);
  const record = { topic, partition: 0, offset: ids, timestamp: 0, key: Buffer.from(key), value: null };
  return {
    name,
    key,
    sequence,
    data: { orderId: key, lines: [], ...data },
    id: `event-${ids}`,
    source: `/skald/${topics[topic].writer}`,
    record: { ...record, headers: { ce_time: decidedAt } },
  } as unknown as TopicEvent;
}

/** In the order of the events' names; each topic counts its own sequence. */
function tellAll(key: string, told: Told): TopicEvent[] {
  const last = new Map<string, number>();
  return (Object.entries(told) as [EventName, object][]).map(([name, data]) => {
    const sequence = (last.get(topicOf(name)) ?? 0) + 1;
    last.set(topicOf(name), sequence);
    return tell(key, sequence, name, data);
  });
}

/** One order that was confirmed and one that could not be delivered, each event once. */
export function tellGoodEvents(): TopicEvent[] {
  const charged = (orderId: string) => ({ chargeId: `charge-${orderId}`, amount: total });
  return [
    ...tellAll(confirmedId, {
      OrderCreated: {},
      StockReserved: { lines },
      PaymentCompleted: charged(confirmedId),
      ShipmentScheduled: {},
      OrderConfirmed: {},
      StockShipped: { lines },
      ShipmentDispatched: {},
      EmailNotification: { template: 'order-confirmation', email },
      MailSent: { template: 'order-confirmation' },
    }),
    tell(confirmedId, 2, 'EmailNotification', { template: 'shipment-scheduled', email }),
    tell(confirmedId, 2, 'MailSent', { template: 'shipment-scheduled' }),
    ...tellAll(cancelledId, {
      OrderCreated: {},
      StockReserved: { lines },
      PaymentCompleted: charged(cancelledId),
      ShipmentFailed: {},
      OrderCancelled: { reason: 'ADDRESS_UNSERVICEABLE' },
      StockReservationCancelled: { lines },
      PaymentRefunded: charged(cancelledId),
      EmailNotification: { template: 'order-confirmation', email },
      MailSent: { template: 'order-confirmation' },
    }),
    tell(cancelledId, 2, 'EmailNotification', { template: 'order-cancelled', email }),
    tell(cancelledId, 2, 'MailSent', { template: 'order-cancelled' }),
    tell('SKU-0001', 1, 'ProductListed', { sku: 'SKU-0001', name: 'Mead', unitPrice: total }),
  ];
}

export const chainsOf = (events: readonly TopicEvent[]): Evidence['chains'] => {
  const chains = createChains();
  for (const event of events) chains.hear(event);
  return chains;
};

const order = (status: 'CONFIRMED' | 'CANCELLED', history: OrderRow['history']): OrderRow => ({
  status,
  reason: status === 'CANCELLED' ? 'ADDRESS_UNSERVICEABLE' : null,
  total: total.amount,
  currency: total.currency,
  version: 2,
  createdAt: Date.parse(decidedAt),
  deadlineAt: Date.parse(decidedAt) + 900_000,
  events: ['OrderCreated', status === 'CONFIRMED' ? 'OrderConfirmed' : 'OrderCancelled'],
  keys: 1,
  history,
});

export const charge = (orderId: string, refundedAmount: number) => ({
  chargeId: `charge-${orderId}`,
  orderId,
  ...total,
  status: 'succeeded' as const,
  refundedAmount,
});

export const delivered = (template: string, to = email) => ({ template, to: digestAddress(to) });

/** Every service has applied and given out all of these events, and nothing is open. */
export function kernelsOf(events: readonly TopicEvent[]): Evidence['kernels'] {
  const ordinals = new Map(topicNames.map((name, index) => [name as string, index]));
  return new Map(serviceNames.map((service) => [service, kernelOf(service, events, ordinals)]));
}

function kernelOf(
  service: ServiceName,
  events: readonly TopicEvent[],
  ordinals: Map<string, number>,
): KernelRows {
  const inbox = new Map<string, { applied: (number | null)[]; published: (number | null)[] }>();
  for (const { key, record, sequence } of events) {
    const topic = record.topic as TopicName;
    const row = inbox.get(key) ?? {
      applied: topicNames.map(() => null),
      published: topicNames.map(() => null),
    };
    inbox.set(key, row);
    const ordinal = ordinals.get(topic) ?? -1;
    if (groups[service].includes(topic)) row.applied[ordinal] = sequence;
    if (topics[topic].writer === service) row.published[ordinal] = sequence;
  }
  return { ordinals, inbox, parked: [], effects: new Map(), low: 1_000 };
}

/** Each event in an entry of its own, none of them gone. */
export function outboxesOf(events: readonly TopicEvent[], chains: Evidence['chains']): Evidence['outboxes'] {
  return new Map(
    serviceNames.map((service) => {
      const match = createOutboxMatch(1_000, chains, new Map());
      const own = events.filter(({ record }) => topics[record.topic as TopicName].writer === service);
      own.forEach((event, index) => {
        match.take(rowOf(event, index + 1));
      });
      return [service, match.look()];
    }),
  );
}

export const rowOf = ({ record, key, id, sequence }: TopicEvent, position: number): OutboxRow => ({
  position,
  createdAt: Date.parse(decidedAt),
  records: [
    { topic: record.topic, key: Buffer.from(key), headers: { ce_id: id, ce_sequence: String(sequence) } },
  ],
});

/** Everything as it should be. `published`: what lies on the topics, where that is not what was committed. */
export function createEvidence(
  events: readonly TopicEvent[] = tellGoodEvents(),
  published: readonly TopicEvent[] = events,
): Evidence {
  const chains = chainsOf(published);
  const historyOf = (id: string): OrderRow['history'] =>
    Object.fromEntries(
      topicNames
        .filter((topic) => readersOf(topic).includes('order') && topics[topic].key === 'orderId')
        .map((topic) => {
          const count = events.filter(({ key, record }) => key === id && record.topic === topic).length;
          return [topic, { count, newest: count }];
        }),
    );
  const allRead = new Map(topicNames.map((topic) => [`${topic}/0`, 1_000_000]));
  return {
    takenAt,
    committed: new Map(serviceNames.map((service) => [service, allRead])),
    kernels: kernelsOf(events),
    business: {
      orders: new Map([
        [confirmedId, order('CONFIRMED', historyOf(confirmedId))],
        [cancelledId, order('CANCELLED', historyOf(cancelledId))],
      ]),
      noOrders: [],
      products: new Map([['SKU-0001', { sequence: 1, fact: '2000 EUR Mead' }]]),
      stock: new Map([['SKU-0001', { onHand: 8, reserved: 0, shipped: 2, received: 10 }]]),
      reservations: new Map([
        [confirmedId, { state: 'shipped', lines: 'SKU-0001 2' }],
        [cancelledId, { state: 'released', lines: 'SKU-0001 2' }],
      ]),
      payments: new Map([
        [confirmedId, 'completed'],
        [cancelledId, 'refunded'],
      ]),
      shipments: new Map([
        [confirmedId, 'dispatched'],
        [cancelledId, 'refused'],
      ]),
      mailStates: new Map(),
    },
    ledger: new Map([
      [confirmedId, [charge(confirmedId, 0)]],
      [cancelledId, [charge(cancelledId, total.amount)]],
    ]),
    mailbox: {
      byOrder: new Map([
        [confirmedId, [delivered('order-confirmation'), delivered('shipment-scheduled')]],
        [cancelledId, [delivered('order-confirmation'), delivered('order-cancelled')]],
      ]),
      mails: 4,
      others: 0,
      since: Date.parse(decidedAt),
    },
    letters: new Map(),
    originals: new Map(),
    chains,
    strays: [],
    impostors: [],
    outboxes: outboxesOf(events, chains),
    second: { orders: new Set(), published: new Map() },
    schemas: [{ id: 1, event: 'OrderCreated', unreadable: undefined }],
    records: published.length,
    ignored: new Set(),
    starts: new Map(),
  };
}

/** The same evidence, with one service's inbox row of a key as it is told. */
export function withInbox(
  evidence: Evidence,
  service: ServiceName,
  key: string,
  change: (row: InboxRow, ordinals: ReadonlyMap<string, number>) => InboxRow,
): Evidence {
  const kernel = evidence.kernels.get(service);
  const row = kernel?.inbox.get(key);
  if (kernel === undefined || row === undefined) throw new Error(`${service} knows nothing of ${key}`);
  const inbox = new Map([...kernel.inbox, [key, change(row, kernel.ordinals)]]);
  return { ...evidence, kernels: new Map([...evidence.kernels, [service, { ...kernel, inbox }]]) };
}

export function withKernel(evidence: Evidence, service: ServiceName, change: Partial<KernelRows>): Evidence {
  const kernel = evidence.kernels.get(service) as KernelRows;
  return { ...evidence, kernels: new Map([...evidence.kernels, [service, { ...kernel, ...change }]]) };
}
