import type { OrderEvent } from '@skald/order/simulation';
import { describe, expect, it } from 'vitest';
import { recordOf, type Way, wayNames } from './example-records.ts';
import type { LogReader, Unreadable } from './log.ts';
import type { OrderDatabase, StoredOrder } from './order-database.ts';
import type { OrderRecord, RecordedEvent } from './recorded-event.ts';
import { verify } from './verify.ts';

const isOfOrder = ({ topic }: RecordedEvent) => topic === 'orders.events';

function logOf(events: readonly RecordedEvent[], unreadable: readonly Unreadable[] = []): LogReader {
  return {
    async stream(_names, { take, wants = () => true, refuse }) {
      for (const event of events) if (wants(event.key)) await take(event);
      for (const one of unreadable) refuse?.(one);
    },
    close: async () => undefined,
  };
}

/** What the order service would have of it. */
function storedOf(record: OrderRecord): StoredOrder {
  const events = record.events.filter(isOfOrder).map(({ name, data }) => ({ name, data }) as OrderEvent);
  const last = events.at(-1);
  return {
    events,
    row: {
      customerId: 'ada',
      status:
        last?.name === 'OrderCreated'
          ? 'PENDING'
          : last?.name === 'OrderConfirmed'
            ? 'CONFIRMED'
            : 'CANCELLED',
      reason: last?.name === 'OrderCancelled' ? last.data.reason : null,
      totalAmount: 9_980,
      currency: 'EUR',
      version: events.length,
    },
  };
}

function databaseOf(stored: ReadonlyMap<string, StoredOrder>): OrderDatabase {
  return {
    ordersOf: async (ids) => new Map([...stored].filter(([id]) => ids.includes(id))),
    async eachOrder(_before, take) {
      for (const id of stored.keys()) take(id);
    },
    close: async () => undefined,
  };
}

const records = wayNames.map((way) => recordOf(way));
const events = records.flatMap((record) => record.events.filter(isOfOrder));
const stored = () => new Map(records.map((record) => [record.orderId, storedOf(record)] as const));
const idOf = (way: Way) => recordOf(way).orderId;

/** What is found where the database is as it should be, but for one order. */
async function findings(way: Way, change: (order: StoredOrder) => StoredOrder) {
  const changed = stored();
  const order = changed.get(idOf(way));
  if (order !== undefined) changed.set(idOf(way), change(order));
  return verify(logOf(events), databaseOf(changed));
}

describe('The order service’s database', () => {
  it('agrees with the topic where it holds what the topic tells', async () => {
    expect(await verify(logOf(events), databaseOf(stored()))).toMatchObject({
      verdict: 'same',
      orders: wayNames.length,
      events: events.length,
      open: 1,
      movedOn: 0,
      disagreements: [],
    });
  });

  it('agrees where events came twice', async () => {
    expect(await verify(logOf([...events, ...events]), databaseOf(stored()))).toMatchObject({
      verdict: 'same',
      orders: wayNames.length,
    });
  });

  it('agrees where an order has moved on since it was read', async () => {
    const isNews = ({ key, sequence }: RecordedEvent) => key === idOf('declined') && sequence === 2;
    const found = await verify(logOf(events.filter((event) => !isNews(event))), databaseOf(stored()));
    expect(found).toMatchObject({ verdict: 'same', movedOn: 1, open: 2 });
  });

  it.each([
    ['status', 'CONFIRMED'],
    ['totalAmount', 1],
    ['version', 3],
    ['reason', 'OUT_OF_STOCK'],
  ])('disagrees where the row of an order has another %s', async (field, value) => {
    const found = await findings('declined', ({ events: own, row }) => ({
      events: own,
      row: { ...row, [field]: value } as StoredOrder['row'],
    }));
    expect(found.disagreements).toEqual([
      { orderId: idOf('declined'), says: expect.stringContaining(`${field}: `) },
    ]);
  });

  it('disagrees where an event holds other data, and where one is missing', async () => {
    const other = await findings('confirmed', ({ events: [created, ...rest], row }) => {
      const { data, ...event } = created as OrderEvent & { name: 'OrderCreated' };
      return { events: [{ ...event, data: { ...data, customerId: 'eve' } }, ...rest], row };
    });
    expect(other.disagreements.map(({ says }) => says)).toEqual([
      'version 1: OrderCreated on orders.events and in the database hold different data',
    ]);
    const shorter = await findings('confirmed', (order) => ({ ...order, events: order.events.slice(0, 1) }));
    expect(shorter.disagreements.map(({ says }) => says)).toEqual([
      'version 2: OrderConfirmed on orders.events, nothing in the database',
    ]);
  });

  it('disagrees where it lacks an order, and where it alone has one', async () => {
    const without = stored();
    without.delete(idOf('confirmed'));
    expect((await verify(logOf(events), databaseOf(without))).disagreements).toEqual([
      { orderId: idOf('confirmed'), says: 'it is on orders.events, but not in the database' },
    ]);
    const others = events.filter(({ key }) => key !== idOf('confirmed'));
    expect((await verify(logOf(others), databaseOf(stored()))).disagreements).toEqual([
      { orderId: idOf('confirmed'), says: 'it is in the database, but not on orders.events' },
    ]);
  });
});

describe('The topic', () => {
  it('disagrees with the rules where a sequence jumps, an order ends twice, or a record can’t be read', async () => {
    const jump = events.map((event) =>
      event.key === idOf('declined') && event.sequence === 2 ? { ...event, sequence: 4 } : event,
    );
    const jumped = await verify(logOf(jump), databaseOf(stored()));
    expect(jumped.disagreements.map(({ says }) => says)).toEqual(['OrderCancelled: sequence 4 follows 1']);

    const again = events.flatMap((event): RecordedEvent[] =>
      event.name === 'OrderConfirmed' ? [event, { ...event, sequence: 3 }] : [event],
    );
    const twice = await verify(logOf(again), databaseOf(stored()));
    expect(twice.disagreements.map(({ says }) => says)).toEqual(['OrderConfirmed: sequence 3 follows 2']);

    const garbage = { topic: 'orders.events', partition: 1, offset: 7, key: 'k', flaw: 'not Avro' };
    const torn = await verify(logOf(events, [garbage]), databaseOf(stored()));
    expect(torn.disagreements).toEqual([{ orderId: 'k', says: 'orders.events/1@7: not Avro' }]);
  });
});
