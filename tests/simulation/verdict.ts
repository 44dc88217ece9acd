import {
  type EventName,
  type Events,
  groups,
  type ServiceName,
  serviceNames,
  topics,
} from '@skald/contracts';
import { type ConsumedRecord, readRecord, unpackEntry } from '@skald/messaging/simulation';
import type { Customer } from './customers.ts';
import type { Harm } from './faults.ts';
import type { Partition } from './log/log.ts';
import { typeOfId } from './registry.ts';
import { rowsOf, type World } from './world.ts';

/** An event as it lies in its topic. */
interface Told {
  readonly name: EventName;
  // Of any event: each check knows whose it reads.
  readonly data: Events[EventName];
  readonly key: string;
  readonly id: string;
  readonly sequence: number;
  readonly topic: string;
  readonly source: string;
}

/** What the log holds, each event once. */
interface Story {
  readonly told: readonly Told[];
  readonly byId: ReadonlyMap<string, Told>;
  of<Name extends EventName>(orderId: string, name: Name): Events[Name][];
}

type Blame = (invariant: number, says: string) => void;
type Check = (world: World, story: Story, blame: Blame) => void;

/**
 * Judges what is left at rest by the design's invariants, from the witnesses themselves: raw log, committed rows, ledger and
 * mailbox. Answers what is broken, by its number there.
 */
export function judge(world: World, customers: readonly Customer[], harm: Harm): string[] {
  const broken: string[] = [];
  const blame: Blame = (invariant, says) => broken.push(`${invariant}: ${says}`);
  const story = tellStory(world, harm, blame);
  answersHold(world, customers, blame);
  for (const check of checks) check(world, story, blame);
  parkedIsWhatWasHarmed(world, harm, blame);
  return broken;
}

/** Reads the log, and sees that the sequences of each key rise without a gap (10). */
function tellStory(world: World, harm: Harm, blame: Blame): Story {
  const told: Told[] = [];
  const byId = new Map<string, Told>();
  const byName = new Map<string, Events[EventName][]>();
  for (const topic of Object.keys(topics)) {
    for (const partition of world.log.topics.get(topic) ?? []) {
      if (partition.records.length > 0) readPartition(partition);
    }
  }
  function readPartition({ topic, index, records }: Partition): void {
    const last = new Map<string, number>();
    records.forEach((record, offset) => {
      if (record === undefined || harm.foreign.has(`${topic}/${index}@${offset}`)) return;
      const event = decode(record);
      const known = byId.get(event.id);
      if (known !== undefined) {
        if (known.sequence !== event.sequence || known.key !== event.key)
          blame(10, `${event.id} is two events in ${topic}`);
        return;
      }
      const before = last.get(event.key) ?? 0;
      if (event.sequence !== before + 1)
        blame(10, `${before} is followed by ${event.sequence} in ${topic} of ${event.key}`);
      last.set(event.key, event.sequence);
      byId.set(event.id, event);
      told.push(event);
      const name = `${event.key} ${event.name}`;
      const namesakes = byName.get(name);
      if (namesakes === undefined) byName.set(name, [event.data]);
      else namesakes.push(event.data);
    });
  }
  return {
    told,
    byId,
    of: <Name extends EventName>(orderId: string, name: Name) =>
      (byName.get(`${orderId} ${name}`) ?? []) as Events[Name][],
  };
}

const text = ({ headers }: ConsumedRecord, name: string): string => headers[name]?.toString() ?? '';

function decode(record: ConsumedRecord): Told {
  const { value } = record;
  const type = value === null ? undefined : typeOfId(value.readUInt32BE(1));
  if (value === null || type === undefined) throw new Error('a record that nobody could have written');
  return {
    name: type.name?.split('.').at(-1) as EventName,
    data: type.fromBuffer(value.subarray(5)) as Events[EventName],
    key: record.key?.toString() ?? '',
    id: text(record, 'ce_id'),
    sequence: Number(text(record, 'ce_sequence')),
    topic: record.topic,
    source: text(record, 'ce_source'),
  };
}

/** 1, 2: an order that was answered exists, and a key has one order. 3: what a cancel was told is true. */
function answersHold({ tables }: World, customers: readonly Customer[], blame: Blame): void {
  const orders = tables.order.orders.places;
  const claims = rowsOf(tables.order.claims);
  for (const { number, orderIds, cancelled } of customers) {
    if (orderIds.size > 1) blame(2, `customer ${number} got ${[...orderIds].join(' and ')} for one key`);
    for (const id of orderIds) {
      const order = orders.get(id)?.committed;
      if (order === undefined) blame(1, `${id} was accepted, and does not exist`);
      else if (cancelled === 'cancelled' && order.status !== 'CANCELLED')
        blame(3, `${id} was cancelled by its customer, and is ${order.status}`);
      else if (cancelled === 'confirmed' && order.status !== 'CONFIRMED')
        blame(3, `${id} was too late to be cancelled, and is ${order.status}`);
      if (cancelled === 'unknown') blame(1, `${id} could not be cancelled: it was unknown`);
    }
  }
  if (orders.size !== claims.length) blame(2, `${orders.size} orders have ${claims.length} keys`);
  for (const { order_id } of claims)
    if (!orders.has(order_id)) blame(2, `${order_id} has a key, and is no order`);
}

const ends = { CONFIRMED: 'OrderConfirmed', CANCELLED: 'OrderCancelled' } as const;

/** 3: one end each, and log and store agree. */
const eachOrderHasOneEnd: Check = ({ tables }, story, blame) => {
  for (const { order_id: id, status, version } of rowsOf(tables.order.orders)) {
    if (status === 'PENDING') {
      blame(3, `${id} has no end`);
      continue;
    }
    const told = (['OrderCreated', 'OrderConfirmed', 'OrderCancelled'] as const).flatMap((name) =>
      story.of(id, name).map(() => name),
    );
    if (String(told) !== `OrderCreated,${ends[status]}`)
      blame(3, `${id} is ${status}, its topic says ${told.join()}`);
    if (version !== 2 || tables.order.orderEvents.places.has(`${id}/3`))
      blame(3, `${id} has ${version} events`);
  }
};

/** 4: on hand + reserved + shipped = what came in; never negative; and just what the events say. */
const stockAddsUp: Check = ({ tables }, { told }, blame) => {
  const reserved = new Map<string, number>();
  const shipped = new Map<string, number>();
  const move = (
    counts: Map<string, number>,
    lines: readonly { sku: string; quantity: number }[],
    sign: number,
  ) => {
    for (const { sku, quantity } of lines) counts.set(sku, (counts.get(sku) ?? 0) + sign * quantity);
  };
  for (const { name, data } of told) {
    if (!('lines' in data) || data.lines === null) continue;
    if (name === 'StockReserved') move(reserved, data.lines, 1);
    if (name === 'StockReservationCancelled' || name === 'StockShipped') move(reserved, data.lines, -1);
    if (name === 'StockShipped') move(shipped, data.lines, 1);
  }
  for (const row of rowsOf(tables.inventory.stock)) {
    const { sku } = row;
    if (row.on_hand + row.reserved + row.shipped !== row.received) blame(4, `${sku}: ${JSON.stringify(row)}`);
    if (Math.min(row.on_hand, row.reserved, row.shipped) < 0) blame(4, `${sku}: ${JSON.stringify(row)}`);
    if (row.reserved !== (reserved.get(sku) ?? 0) || row.shipped !== (shipped.get(sku) ?? 0))
      blame(4, `${sku}: ${JSON.stringify(row)}, by its events ${reserved.get(sku)} and ${shipped.get(sku)}`);
  }
};

/** 5: charges − refunds = the total if confirmed, nothing if cancelled; one charge at most. */
const moneyAddsUp: Check = ({ tables, outside }, story, blame) => {
  const { ledger } = outside;
  for (const { order_id: id, status, total_amount: total } of rowsOf(tables.order.orders)) {
    const charges = (ledger.byOrder.get(id) ?? [])
      .map((chargeId) => ledger.byId.get(chargeId))
      .filter((charge) => charge?.status === 'succeeded');
    if (charges.length > 1) blame(5, `${id} was charged ${charges.length} times`);
    let kept = 0;
    let refunded = 0;
    for (const charge of charges) {
      kept += (charge?.amount ?? 0) - (charge?.refundedAmount ?? 0);
      refunded += charge?.refundedAmount ?? 0;
    }
    if (kept < 0) blame(5, `${id} got more back than it paid`);
    if (status === 'CONFIRMED' && kept !== total)
      blame(5, `${id} is confirmed: ${total} is due, ${kept} was taken`);
    if (status === 'CANCELLED' && kept !== 0) blame(5, `${id} is cancelled, and ${kept} was kept`);
    const completed = story.of(id, 'PaymentCompleted').length;
    if (completed !== charges.length) blame(5, `${id}: ${charges.length} charges, ${completed} are told of`);
    const told = story.of(id, 'PaymentRefunded').reduce((sum, { amount }) => sum + amount.amount, 0);
    if (told !== refunded) blame(5, `${id}: ${refunded} given back, ${told} told of`);
  }
  for (const id of ledger.byOrder.keys())
    if (!tables.order.orders.places.has(id)) blame(5, `${id} was charged, and is no order`);
};

/** 6: a dispatch only for a reserved, paid and confirmed order, one at most; none for a cancelled one. */
const dispatchedIfConfirmed: Check = ({ tables, outside }, story, blame) => {
  for (const { order_id: id, status } of rowsOf(tables.order.orders)) {
    const dispatched = story.of(id, 'ShipmentDispatched').length;
    if (dispatched > 1 || (dispatched === 1 && status !== 'CONFIRMED'))
      blame(6, `${id} is ${status}, and was dispatched ${dispatched} times`);
    if (dispatched > 0) {
      for (const name of [
        'StockReserved',
        'PaymentCompleted',
        'ShipmentScheduled',
        'OrderConfirmed',
      ] as const)
        if (story.of(id, name).length !== 1)
          blame(6, `${id} was dispatched with ${story.of(id, name).length} ${name}`);
    }
    if (status === 'CONFIRMED' && dispatched !== 1) blame(6, `${id} is confirmed, and was not dispatched`);
    const state = tables.shipping.shipments.places.get(id)?.committed?.state ?? 'none';
    if (status === 'CANCELLED' && !['refused', 'called-off', 'cancelled'].includes(state))
      blame(6, `${id} is cancelled, its shipment ${state}`);
    const parcel = outside.parcels.get(id);
    const isOnItsWay = parcel !== undefined && !outside.calledOff.has(parcel);
    if (isOnItsWay !== (status === 'CONFIRMED'))
      blame(6, `${id} is ${status}, its parcel ${parcel} ${isOnItsWay ? 'is' : 'is not'} on its way`);
  }
};

/** 7: no reservation outlives a cancellation. */
const reservationsEnd: Check = ({ tables }, _story, blame) => {
  for (const { order_id: id, state } of rowsOf(tables.inventory.reservations)) {
    if (state !== 'reserved') continue;
    blame(7, `${id} is ${tables.order.orders.places.get(id)?.committed?.status}, and its reservation stands`);
  }
};

const mailsFor = {
  PENDING: ['order-confirmation'],
  CONFIRMED: ['order-confirmation', 'shipment-scheduled'],
  CANCELLED: ['order-cancelled', 'order-confirmation'],
} as const;

/** 8: one mail at most for each order and template; just those that its end asks for, unless nobody knows. */
const oneMailEach: Check = ({ tables, outside }, story, blame) => {
  for (const { order_id: id, status } of rowsOf(tables.order.orders)) {
    const got = outside.mailbox
      .filter(({ orderId }) => orderId === id)
      .map(({ template }) => template)
      .sort();
    if (new Set(got).size !== got.length) blame(8, `${id} got one twice: ${got.join()}`);
    const unknown = story.of(id, 'MailUnknown').map(({ template }) => template as string);
    const sent = story.of(id, 'MailSent').map(({ template }) => template as string);
    const isCertain = (template: string) => !unknown.includes(template);
    if (String(got.filter(isCertain)) !== String(mailsFor[status].filter(isCertain)))
      blame(8, `${id} is ${status}, and got [${got.join()}]`);
    if (String(sent.sort()) !== String(mailsFor[status].filter(isCertain)))
      blame(8, `${id} is ${status}, and its log tells of [${sent.join()}]`);
  }
};

/** 9: event ids on the topics = committed outbox ids. */
const outboxIsOnTopics: Check = ({ tables }, { byId, told }, blame) => {
  for (const service of serviceNames) {
    const committed = new Set<string>();
    for (const { position, entry } of rowsOf(tables[service].outbox)) {
      for (const record of unpackEntry(entry)) {
        const { headers, topic } = readRecord(record);
        const id = headers['ce_id']?.toString() ?? '';
        if (!(topic in topics)) continue;
        committed.add(id);
        if (!byId.has(id)) blame(9, `${service}'s entry ${position}: ${id} was committed, not published`);
      }
    }
    for (const { id, source, topic, key } of told)
      if (source === `/skald/${service}` && !committed.has(id))
        blame(9, `${id} of ${topic} ${key} was never committed`);
  }
};

/** 11: each event is applied once: whatever comes once in a saga is there once, and the history holds every event. */
const eachEventIsAppliedOnce: Check = ({ tables }, story, blame) => {
  const once = new Set<string>();
  let forOrder = 0;
  for (const { name, key, data, topic } of story.told) {
    const template = 'template' in data ? data.template : '';
    const subject = `${name} ${key} ${template}`;
    if (once.has(subject)) blame(11, `${subject} happened twice`);
    once.add(subject);
    if ((groups.order as readonly string[]).includes(topic)) forOrder += 1;
  }
  const history = rowsOf(tables.order.history).length;
  if (history !== forOrder) blame(11, `the orders' history has ${history} of ${forOrder} events`);
};

const checks: readonly Check[] = [
  eachOrderHasOneEnd,
  stockAddsUp,
  moneyAddsUp,
  dispatchedIfConfirmed,
  reservationsEnd,
  oneMailEach,
  outboxIsOnTopics,
  eachEventIsAppliedOnce,
];

/** 12, 13, 14: only what a fault has harmed was ever parked; each has its dead letter, with the very bytes. */
function parkedIsWhatWasHarmed({ tables, log }: World, harm: Harm, blame: Blame): void {
  /** Which attempts each tells of, by its place. */
  const letters = new Map<string, Set<string>>();
  for (const [topic, partitions] of log.topics) {
    if (topic in topics) continue;
    for (const { records } of partitions) {
      for (const record of records) if (record !== undefined) readLetter(record);
    }
  }
  for (const service of serviceNames) judgeParked(service);
  for (const place of letters.keys()) blame(13, `${place} has a dead letter, and never failed`);

  /** A resolution has no bytes of its own, a dead letter those that came. */
  function readLetter(record: ConsumedRecord): void {
    if ('dlq_resolution' in record.headers) return;
    const place = placeOf(record);
    const told = letters.get(place) ?? new Set();
    letters.set(place, told.add(text(record, 'dlq_attempts')));
    const original = log.topics.get(text(record, 'dlq_topic'))?.[Number(text(record, 'dlq_partition'))]
      ?.records[Number(text(record, 'dlq_offset'))];
    if (original?.value?.equals(record.value ?? Buffer.alloc(0)) !== true)
      blame(13, `the dead letter of ${place} holds other bytes`);
  }

  function judgeParked(service: ServiceName): void {
    for (const row of rowsOf(tables[service].parked)) {
      const { topic, key, partition, offset, error_code: code, state, attempts } = row;
      const place = `${service} ${topic}/${partition}@${offset}`;
      if (!harm.parkable.has(`${service} ${topic} ${key}`))
        blame(14, `${service} has parked ${topic} ${key}: ${code}`);
      // Nobody left anything out: who is behind waits, and fails for nothing.
      if (code === 'SEQUENCE_GAP') blame(12, `${place} of ${key} was not held back`);
      if (state === 'parked') blame(12, `${place} of ${key} is parked still`);
      const told = letters.get(place)?.size ?? 0;
      if (told !== attempts) blame(13, `${place} has failed ${attempts} times, and has ${told} dead letters`);
      letters.delete(place);
    }
  }
}

const placeOf = (record: ConsumedRecord): string =>
  `${text(record, 'dlq_group')} ${text(record, 'dlq_topic')}/${text(record, 'dlq_partition')}@${text(record, 'dlq_offset')}`;
