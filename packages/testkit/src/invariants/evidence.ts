import { deadLetterTopics, type ServiceName, type TopicName, topics } from '@skald/contracts';
import type { StackAddresses } from '@skald/local-stack';
import { type Databases, openDatabases } from '../databases.ts';
import { createEventDecoder, type TopicEvent } from '../event-decoder.ts';
import { type Charge, createShop, type Mail, type OrderSummary, type StockView } from '../shop.ts';
import { createTopicReader, type TopicRecord } from '../topic-reader.ts';

/** An event as a service's outbox holds it. */
export interface OutboxEvent {
  readonly position: number;
  readonly topic: string;
  readonly key: string;
  readonly id: string;
  /** Epoch ms. */
  readonly createdAt: number;
}

export interface InboxMark {
  readonly topic: TopicName;
  readonly key: string;
  readonly applied: number;
}

/** What each service's own database says, seen with the role of that service. */
export interface Stored {
  readonly orderEvents: readonly { order_id: string; version: number; name: string }[];
  readonly history: readonly { order_id: string; topic: TopicName; count: number }[];
  readonly idempotencyKeys: readonly { caller: string; key: string; order_id: string }[];
  readonly stock: readonly (StockView & { received: number })[];
  readonly reservations: readonly { order_id: string; state: string }[];
  readonly payments: readonly { order_id: string; state: string }[];
  readonly shipments: readonly { order_id: string; state: string }[];
  readonly parked: ReadonlyMap<ServiceName, readonly { topic: string; key: string }[]>;
  readonly outbox: ReadonlyMap<ServiceName, readonly OutboxEvent[]>;
  readonly inbox: ReadonlyMap<ServiceName, readonly InboxMark[]>;
}

/** All that can be known of a system at rest without asking the code that made it so. */
export interface Evidence {
  readonly orders: ReadonlyMap<string, OrderSummary>;
  /** In order of partition and offset, topic by topic; a record that was sent twice is here twice. */
  readonly events: readonly TopicEvent[];
  readonly unreadable: readonly { record: TopicRecord; why: string }[];
  readonly deadLetters: readonly TopicRecord[];
  readonly charges: readonly Charge[];
  readonly mails: readonly Mail[];
  readonly stock: readonly StockView[];
  readonly stored: Stored;
}

const topicNames = Object.keys(topics) as TopicName[];

/** `isForeign`: records that a test put there itself, and that nobody is to be blamed for. */
export async function gatherEvidence(
  addresses: StackAddresses,
  isForeign: (record: TopicRecord) => boolean,
): Promise<Evidence> {
  const shop = createShop(addresses);
  const databases = openDatabases(addresses);
  const reader = createTopicReader(addresses);
  try {
    const [records, orders, charges, mails, stock, stored] = await Promise.all([
      reader.read([...topicNames, ...deadLetterTopics.map(({ name }) => name)]),
      shop.listOrders(),
      shop.listCharges(),
      shop.mails(),
      shop.listStock(),
      readStored(databases),
    ]);
    const ours = new Set<string>(topicNames);
    const own = records.filter((record) => !isForeign(record));
    const foreign = new Set(
      records.filter(isForeign).map(({ topic, key }) => placeOf(topic, key?.toString())),
    );
    return {
      ...(await decodeAll(
        addresses,
        own.filter(({ topic }) => ours.has(topic)),
      )),
      deadLetters: own.filter(({ topic }) => !ours.has(topic)),
      orders: new Map(orders.map((order) => [order.orderId, order])),
      charges,
      mails,
      stock,
      stored: {
        ...stored,
        parked: withoutForeign(stored.parked, foreign),
        outbox: withoutForeign(stored.outbox, foreign),
      },
    };
  } finally {
    await Promise.all([databases.close(), reader.close()]);
  }
}

const placeOf = (topic: string, key: string | undefined): string => `${topic} ${key ?? ''}`;

/** What services made of foreign records: rows under the same topic and key, a dead letter's among them. */
const withoutForeign = <Row extends { readonly topic: string; readonly key: string | null }>(
  stored: ReadonlyMap<ServiceName, readonly Row[]>,
  foreign: ReadonlySet<string>,
): ReadonlyMap<ServiceName, readonly Row[]> =>
  new Map(
    [...stored].map(([service, rows]) => [
      service,
      rows.filter(({ topic, key }) => !foreign.has(placeOf(topic, key ?? undefined))),
    ]),
  );

async function decodeAll(addresses: StackAddresses, records: readonly TopicRecord[]) {
  const decode = createEventDecoder(addresses);
  const events: TopicEvent[] = [];
  const unreadable: { record: TopicRecord; why: string }[] = [];
  for (const record of records) {
    try {
      events.push(await decode(record));
    } catch (error) {
      unreadable.push({ record, why: String(error) });
    }
  }
  return { events, unreadable };
}

const statements = {
  orderEvents: 'SELECT order_id, version, name FROM order_events ORDER BY order_id, version',
  history: 'SELECT order_id, topic, count(*) AS count FROM order_history GROUP BY order_id, topic',
  idempotencyKeys: 'SELECT caller, key, order_id FROM idempotency_keys',
  stock: 'SELECT sku, on_hand AS "onHand", reserved, shipped, received FROM stock ORDER BY sku',
  reservations: 'SELECT order_id, state FROM reservations',
  payments: 'SELECT order_id, state FROM payments',
  shipments: 'SELECT order_id, state FROM shipments',
  parked: 'SELECT topic, key FROM messaging.parked ORDER BY id',
  outbox: `SELECT position, topic, key, id, extract(epoch FROM created_at)::float8 * 1000 AS "createdAt"
           FROM messaging.outbox_view ORDER BY position, item`,
  inbox: 'SELECT topic, key, applied FROM messaging.inbox_view WHERE applied IS NOT NULL',
} as const;

async function readStored(databases: Databases): Promise<Stored> {
  const { query, queryAll } = databases;
  const [orderEvents, history, idempotencyKeys, stock, reservations, payments, shipments] = await Promise.all(
    [
      query<Stored['orderEvents'][number]>('order', statements.orderEvents),
      query<Stored['history'][number]>('order', statements.history),
      query<Stored['idempotencyKeys'][number]>('order', statements.idempotencyKeys),
      query<Stored['stock'][number]>('inventory', statements.stock),
      query<Stored['reservations'][number]>('inventory', statements.reservations),
      query<Stored['payments'][number]>('payment', statements.payments),
      query<Stored['shipments'][number]>('shipping', statements.shipments),
    ],
  );
  const parked = await queryAll<{ topic: string; key: string }>(statements.parked);
  const outbox = await queryAll<OutboxEvent>(statements.outbox);
  const inbox = await queryAll<InboxMark>(statements.inbox);
  return {
    orderEvents,
    history,
    idempotencyKeys,
    stock,
    reservations,
    payments,
    shipments,
    parked,
    outbox,
    inbox,
  };
}
