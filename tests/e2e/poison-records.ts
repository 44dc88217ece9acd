import { randomUUID } from 'node:crypto';
import {
  type EventName,
  type Events,
  readersOf,
  type ServiceName,
  schemaOf,
  type TopicName,
  topics,
  typeFor,
  unreadBy,
} from '@skald/contracts';
import { createEmailNotification } from '@skald/testkit';

/** A record as a test puts it into a topic. */
export interface Poison {
  readonly kind: string;
  readonly topic: TopicName;
  readonly key: string;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
  /** What the groups may call it that can't handle it. */
  readonly codes: readonly string[];
  readonly groups: readonly ServiceName[];
  /** A good event of the same key, that comes later. */
  readonly next: { readonly value: Buffer; readonly headers: Readonly<Record<string, string>> };
}

/** Ids of the registered schemas. */
export type SchemaIds = (event: EventName) => number;

/** The records that tests put into topics themselves carry this `ce_source`. */
const source = 'e2e';
const at = Date.UTC(2026, 0, 31);
const money = { amount: 1_999, currency: 'EUR' };
const line = { sku: 'SKU-0001', name: 'Mead', quantity: 1, unitPrice: money };

/** One event of each topic that some group reads; where there is one, one that holds an array. */
const goodEvents: {
  readonly [Topic in TopicName]?: (id: string) => { name: EventName; data: Events[EventName] };
} = {
  'orders.events': (orderId) => ({ name: 'OrderCreated', data: orderCreated(orderId) }),
  'orders.contacts': (orderId) => ({
    name: 'OrderContact',
    data: {
      orderId,
      name: 'Ada',
      street: 'Kaigata 1',
      postalCode: '5003',
      city: 'Bergen',
      country: 'NO',
      email: 'ada@example.com',
    },
  }),
  'outbox.events': (orderId) => ({
    name: 'EmailNotification',
    data: createEmailNotification({ orderId, email: `${orderId}@example.com`, reason: 'OUT_OF_STOCK' }),
  }),
  'inventory.events': (orderId) => ({
    name: 'StockReserved',
    data: { orderId, lines: [{ sku: line.sku, quantity: 1 }], reservedAt: at },
  }),
  'inventory.products': (sku) => ({
    name: 'ProductListed',
    data: { sku, name: 'Mead', unitPrice: money, listedAt: at },
  }),
  'payments.events': (orderId) => ({
    name: 'PaymentCompleted',
    data: { orderId, paymentId: randomUUID(), chargeId: 'charge', amount: money, completedAt: at },
  }),
  'shipping.events': (orderId) => ({
    name: 'ShipmentScheduled',
    data: {
      orderId,
      shipmentId: randomUUID(),
      carrier: 'Postbudet',
      trackingNumber: 'PB1',
      promisedDate: '2026-02-03',
      scheduledAt: at,
      serviceLevel: null,
    },
  }),
  'email.events': (orderId) => ({
    name: 'MailSent',
    data: { orderId, notificationId: randomUUID(), template: 'order-confirmation', sentAt: at },
  }),
};

const orderCreated = (orderId: string, quantity = 1): Events['OrderCreated'] => ({
  orderId,
  customerId: 'customer',
  lines: [{ ...line, quantity }],
  total: money,
  paymentMethod: 'tok_visa',
  createdAt: at,
});

function goodEvent(topic: TopicName, key: string): { name: EventName; data: Events[EventName] } {
  const create = goodEvents[topic];
  if (create === undefined) throw new Error(`No group of the saga reads ${topic}`);
  return create(key);
}

const headersOf = (name: EventName, sequence: number | string): Record<string, string> => ({
  ce_specversion: '1.0',
  ce_id: randomUUID(),
  ce_type: name,
  ce_source: source,
  ce_time: new Date(at).toISOString(),
  ce_sequence: String(sequence),
  'content-type': 'application/avro',
});

const UNKNOWN_ID = 2_000_000_000;
const arrayEvents: Partial<Record<TopicName, EventName>> = {
  'orders.events': 'OrderCreated',
  'outbox.events': 'EmailNotification',
  'inventory.events': 'StockReserved',
};

/** Every kind of poison, each under a key of its own. */
export function poisonFor(topic: TopicName, idOf: SchemaIds): Poison[] {
  const wire = (id: number, body: Buffer): Buffer => {
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(id, 1);
    return Buffer.concat([prefix, body]);
  };
  const encode = (name: EventName, data: Events[EventName]) =>
    wire(idOf(name), typeFor(schemaOf(name)).toBuffer(data));
  const all = readersOf(topic);
  const readersOfEvent = (name: EventName) => all.filter((group) => !unreadBy(group).includes(name));
  const create = (
    kind: string,
    codes: string,
    change: Partial<Poison>,
    key: string = randomUUID(),
  ): Poison => {
    const { name, data } = goodEvent(topic, key);
    return {
      kind,
      codes: codes.split(' or '),
      topic,
      key,
      value: encode(name, data),
      headers: headersOf(name, 1),
      groups: all,
      next: { value: encode(name, data), headers: headersOf(name, 2) },
      ...change,
    };
  };
  const good = goodEvent(topic, randomUUID());
  const value = encode(good.name, good.data);
  const readers = readersOfEvent(good.name);
  const bombed = arrayEvents[topic];
  const elsewhere = topics[topic].key === 'sku' ? 'orders.events' : 'inventory.products';
  const other = goodEvent(elsewhere, randomUUID());
  const { ce_id: _id, ce_sequence: _sequence, ce_time: _time, ...fewHeaders } = headersOf(good.name, 1);

  return [
    create('bytes that are no event', 'UNDECODABLE', { value: Buffer.from('{"no":"event"}') }),
    create('an unknown schema', 'UNKNOWN_SCHEMA', { value: wire(UNKNOWN_ID, value.subarray(5)) }),
    create('a value that is cut', 'UNDECODABLE', { value: value.subarray(0, -2), groups: readers }),
    create('a tombstone', 'UNDECODABLE', { value: null }),
    create('missing headers', 'BAD_HEADERS', { headers: fewHeaders }),
    create('a sequence that is none', 'BAD_HEADERS', { headers: headersOf(good.name, 'first') }),
    create('an event of another topic', 'WRONG_TOPIC', { value: encode(other.name, other.data) }),
    create('a key that is not the one in it', 'WRONG_KEY', { value, groups: readers }),
    ...(bombed === undefined
      ? []
      : [
          create('an Avro bomb', 'UNDECODABLE', {
            value: wire(idOf(bombed), bomb(bombed)),
            groups: readersOfEvent(bombed),
          }),
        ]),
    ...(topics[topic].cleanup === 'kept'
      ? [create('a gap in the sequence', 'SEQUENCE_GAP', { headers: headersOf(good.name, 7) })]
      : []),
    ...nonsense(),
  ];

  /** What the schema allows, and a rule does not. */
  function nonsense(): Poison[] {
    if (topic === 'inventory.products') {
      const sku = `SKU-${randomUUID()}`;
      const data = { sku, name: 'Mead', unitPrice: { amount: 1, currency: 'USD' }, listedAt: at };
      return [create('a foreign currency', 'WRONG_CURRENCY', { value: encode('ProductListed', data) }, sku)];
    }
    const key = `no-order-${randomUUID()}`;
    const unreal = goodEvent(topic, key);
    const ofNoOrder = create(
      'an order that can not be',
      'KEY_MISMATCH or NONSENSE',
      { value: encode(unreal.name, unreal.data), groups: readers },
      key,
    );
    if (topic !== 'orders.events') return [ofNoOrder];
    const orderId = randomUUID();
    const nothing = encode('OrderCreated', orderCreated(orderId, 0));
    const cancelled = { orderId, reason: 'DEADLINE_PASSED', cancelledAt: at } as const;
    const next = { value: encode('OrderCancelled', cancelled), headers: headersOf('OrderCancelled', 2) };
    const ofNothing = { value: nothing, groups: ['inventory'], next } as const;
    return [ofNoOrder, create('a quantity of nothing', 'NONSENSE', ofNothing, orderId)];
  }
}

/** Empty strings up to the array, and then a count that fits no memory. */
function bomb(name: EventName): Buffer {
  const template = Buffer.concat([Buffer.of(0x1e), Buffer.from('order-cancelled')]);
  const before = {
    OrderCreated: [0, 0],
    StockReserved: [0],
    // The array is the second branch of a union.
    EmailNotification: [0, 0, ...template, 0, 0, 2],
  } as Partial<Record<EventName, number[]>>;
  return Buffer.from([...(before[name] ?? []), 0xfe, 0xff, 0xff, 0xff, 0x0f]);
}
