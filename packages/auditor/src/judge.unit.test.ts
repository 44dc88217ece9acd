import {
  type EventName,
  type Events,
  type ServiceName,
  serviceNames,
  topicOf,
  topics,
} from '@skald/contracts';
import { describe, expect, it } from 'vitest';
import type { TopicEvent } from './event-decoder.ts';
import type { Evidence } from './invariants/evidence.ts';
import { judge } from './invariants.ts';

const confirmedId = '01900000-0000-7000-8000-000000000001';
const cancelledId = '01900000-0000-7000-8000-000000000002';
const total = { amount: 2_000, currency: 'EUR' };
const lines = [{ sku: 'SKU-0001', quantity: 2 }];

/** Only the fields that the witness reads. */
type Told = { readonly [N in EventName]?: Partial<Events[N]> };

let ids = 0;
function tell(key: string, sequence: number, name: EventName, data: object = {}): TopicEvent {
  ids += 1;
  const topic = topicOf(name);
  const record = { topic, partition: 0, offset: ids, timestamp: 0, key: Buffer.from(key), value: null };
  return {
    name,
    key,
    sequence,
    data: { orderId: key, ...data },
    id: `event-${ids}`,
    source: `/skald/${topics[topic].writer}`,
    record: { ...record, headers: { ce_time: '2026-01-01T00:00:00.000Z' } },
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

const email = 'snorri@customers.example';
const mail = (orderId: string, template: string) => ({
  to: email,
  subject: '',
  headers: { 'x-order-id': orderId, 'x-template': template },
  text: '',
  html: '',
});
const order = (orderId: string, status: 'CONFIRMED' | 'CANCELLED') => ({
  orderId,
  status,
  customerId: 'snorri',
  totalAmount: total.amount,
  currency: total.currency,
  version: 2,
  createdAt: '',
  ...(status === 'CANCELLED' && { reason: 'ADDRESS_UNSERVICEABLE' as const }),
});
const charge = (orderId: string, refundedAmount: number) => ({
  chargeId: `charge-${orderId}`,
  orderId,
  ...total,
  status: 'succeeded' as const,
  refundedAmount,
});

/** What the databases say once every event is published and applied. */
function storedOf(events: readonly TopicEvent[]): Evidence['stored'] {
  const marks = events.map(({ record, key, sequence }) => ({ topic: record.topic, key, applied: sequence }));
  const newest = [...new Map(marks.map((mark) => [`${mark.topic} ${mark.key}`, mark])).values()];
  const outboxOf = (service: ServiceName) =>
    events
      .filter(({ source }) => source === `/skald/${service}`)
      .map(({ id, key, record }, index) => ({
        position: index + 1,
        topic: record.topic,
        key,
        id,
        createdAt: 0,
      }));
  const ownEvents = [
    { order_id: confirmedId, version: 1, name: 'OrderCreated' },
    { order_id: confirmedId, version: 2, name: 'OrderConfirmed' },
    { order_id: cancelledId, version: 1, name: 'OrderCreated' },
    { order_id: cancelledId, version: 2, name: 'OrderCancelled' },
  ];
  return {
    orderEvents: ownEvents,
    history: [],
    idempotencyKeys: [confirmedId, cancelledId].map((order_id) => ({ caller: '', key: order_id, order_id })),
    stock: [{ sku: 'SKU-0001', onHand: 8, reserved: 0, shipped: 2, received: 10 }],
    reservations: [],
    payments: [
      { order_id: confirmedId, state: 'completed' },
      { order_id: cancelledId, state: 'refunded' },
    ],
    shipments: [
      { order_id: confirmedId, state: 'dispatched' },
      { order_id: cancelledId, state: 'refused' },
    ],
    parked: new Map(),
    outbox: new Map(serviceNames.map((service) => [service, outboxOf(service)])),
    inbox: new Map(serviceNames.map((service) => [service, newest as never])),
  };
}

/** One order that was confirmed and one that could not be delivered, and everything as it should be. */
function createEvidence(): Evidence {
  const charged = (orderId: string) => ({ chargeId: `charge-${orderId}`, amount: total });
  const events = [
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
  ];
  return {
    orders: new Map([
      [confirmedId, order(confirmedId, 'CONFIRMED')],
      [cancelledId, order(cancelledId, 'CANCELLED')],
    ]),
    events,
    unreadable: [],
    deadLetters: [],
    charges: [charge(confirmedId, 0), charge(cancelledId, total.amount)],
    mails: [
      mail(confirmedId, 'order-confirmation'),
      mail(confirmedId, 'shipment-scheduled'),
      mail(cancelledId, 'order-confirmation'),
      mail(cancelledId, 'order-cancelled'),
    ],
    stock: [{ sku: 'SKU-0001', onHand: 8, reserved: 0, shipped: 2 }],
    stored: storedOf(events),
  };
}

const invariantsBroken = (evidence: Evidence, accepted: string[] = []) =>
  new Set(judge(evidence, accepted).map(({ invariant }) => invariant));

describe('The witness', () => {
  const good = createEvidence();
  const { stored } = good;
  const named = (name: EventName, key = confirmedId) =>
    good.events.find((event) => event.name === name && event.key === key) as TopicEvent;
  const without = (event: TopicEvent) => good.events.filter((other) => other !== event);
  const changed = (event: TopicEvent, change: object) =>
    good.events.map((other) => (other === event ? ({ ...other, ...change } as TopicEvent) : other));

  it('has nothing to say where everything is as it should be', () => {
    expect(judge(good, [confirmedId, cancelledId])).toEqual([]);
  });

  it('takes a record that was sent twice for one event', () => {
    const again = named('OrderConfirmed');
    expect(judge({ ...good, events: [...good.events, again] })).toEqual([]);
  });

  const broken: readonly [says: string, invariant: number, evidence: Evidence][] = [
    [
      'an order with two ends',
      3,
      {
        ...good,
        events: [...good.events, tell(confirmedId, 3, 'OrderCancelled', { reason: 'OUT_OF_STOCK' })],
      },
    ],
    ['an order without its last event', 3, { ...good, events: without(named('OrderConfirmed')) }],
    ['an order without a key', 2, { ...good, stored: { ...stored, idempotencyKeys: [] } }],
    [
      'units that came from nowhere',
      4,
      {
        ...good,
        stored: { ...stored, stock: [{ sku: 'SKU-0001', onHand: 9, reserved: 0, shipped: 2, received: 10 }] },
      },
    ],
    [
      'units that are reserved for nobody',
      4,
      {
        ...good,
        stored: { ...stored, stock: [{ sku: 'SKU-0001', onHand: 7, reserved: 1, shipped: 2, received: 10 }] },
      },
    ],
    [
      'a second charge',
      5,
      { ...good, charges: [...good.charges, { ...charge(confirmedId, 0), chargeId: 'charge-twice' }] },
    ],
    [
      'a charge that was never refunded',
      5,
      { ...good, charges: [charge(confirmedId, 0), charge(cancelledId, 0)] },
    ],
    ['an order that nobody paid', 5, { ...good, charges: [charge(cancelledId, total.amount)] }],
    [
      'a dispatch of a cancelled order',
      6,
      { ...good, events: [...good.events, tell(cancelledId, 2, 'ShipmentDispatched')] },
    ],
    ['a dispatch without a payment', 6, { ...good, events: without(named('PaymentCompleted')) }],
    [
      'a reservation that outlives its cancellation',
      7,
      { ...good, events: without(named('StockReservationCancelled', cancelledId)) },
    ],
    ['a mail twice', 8, { ...good, mails: [...good.mails, mail(confirmedId, 'order-confirmation')] }],
    ['a mail that is missing', 8, { ...good, mails: good.mails.slice(1) }],
    ['a mail of another end', 8, { ...good, mails: [...good.mails, mail(confirmedId, 'order-cancelled')] }],
    [
      'an event that was committed and never published',
      9,
      { ...good, events: without(named('ShipmentDispatched')) },
    ],
    [
      'an event that was published and never committed',
      9,
      { ...good, events: changed(named('StockShipped'), { id: 'rolled-back' }) },
    ],
    [
      'an event by another service',
      9,
      { ...good, events: changed(named('StockShipped'), { source: '/skald/order' }) },
    ],
    ['a gap in a sequence', 10, { ...good, events: changed(named('StockShipped'), { sequence: 3 }) }],
    [
      'two events with one sequence',
      10,
      { ...good, events: [...good.events, tell(confirmedId, 2, 'StockShipped', { lines })] },
    ],
    [
      'a record that nobody can read',
      10,
      { ...good, unreadable: [{ record: named('OrderCreated').record, why: 'noise' }] },
    ],
    [
      'an event that its reader has not applied',
      11,
      { ...good, stored: { ...stored, inbox: new Map(serviceNames.map((service) => [service, []])) } },
    ],
    [
      'a step that was taken twice',
      11,
      { ...good, events: [...good.events, tell(confirmedId, 3, 'StockShipped', { lines })] },
    ],
    ['a dead letter', 14, { ...good, deadLetters: [named('OrderCreated').record] }],
    [
      'a key that waits',
      14,
      {
        ...good,
        stored: { ...stored, parked: new Map([['order' as const, [{ topic: 'email.events', key: 'k' }]]]) },
      },
    ],
  ];

  it.each(broken)('sees %s (%i)', (_says, invariant, evidence) => {
    expect(invariantsBroken(evidence)).toContain(invariant);
  });

  it('misses an order that was accepted (1)', () => {
    expect(invariantsBroken(good, ['01900000-0000-7000-8000-000000000003'])).toEqual(new Set([1]));
  });
});
