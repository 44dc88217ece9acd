import { describe, expect, it } from 'vitest';
import { recordOf, type Way, wayNames } from './example-records.ts';
import { createPureHandlers } from './handlers.ts';
import { createOrderRecord, type OrderRecord } from './recorded-event.ts';
import { type Follow, replayOrder } from './replay-order.ts';

async function replay(record: OrderRecord, follow: Follow) {
  const handlers = createPureHandlers(record.orderId, 'ada');
  const told = await replayOrder(record, handlers, { follow });
  const stateOf = (service: Parameters<typeof handlers.stateOf>[0]) => handlers.stateOf(service)?.state;
  return { ...told, stateOf };
}

const namesIn = (topic: string, events: readonly { topic: string; name: string }[]) =>
  events.filter((event) => event.topic === topic).map(({ name }) => name);
const isPersonal = ({ name }: { name: string }) => name === 'OrderContact' || name === 'EmailNotification';

/** As the services' own tables name them. */
const ends: Readonly<
  Record<Way, readonly [order: string, inventory: string, payment: string, shipping: string]>
> = {
  confirmed: ['confirmed', 'shipped', 'completed', 'dispatched'],
  'out of stock': ['cancelled', 'refused', 'cancelled', 'cancelled'],
  declined: ['cancelled', 'released', 'failed', 'cancelled'],
  'not deliverable': ['cancelled', 'released', 'refunded', 'refused'],
  'cancelled at once': ['cancelled', 'released', 'cancelled', 'cancelled'],
  'cancelled while it was charged': ['cancelled', 'released', 'refunded', 'cancelled'],
  'cancelled while it was booked': ['cancelled', 'released', 'refunded', 'called-off'],
  'cancelled as its deadline passed': ['cancelled', 'released', 'refunded', 'cancelling'],
  'on its way': ['pending', 'reserved', 'completed', 'booking'],
};

describe.each(wayNames)('An order that was %s', (way) => {
  const record = recordOf(way);

  it.each(['record', 'rules'] as const)('ends where it ended, following the %s', async (follow) => {
    const { stateOf, steps } = await replay(record, follow);
    const states = (['order', 'inventory', 'payment', 'shipping'] as const).map(stateOf);
    expect(states).toEqual(ends[way]);
    expect(steps.filter(({ reaction }) => reaction.outcome === 'poison')).toEqual([]);
  });

  it('says again what was recorded, at the same time and with the same data, its own ids aside', async () => {
    const { says } = await replay(record, 'rules');
    for (const topic of new Set(record.events.map((event) => event.topic))) {
      expect(namesIn(topic, says)).toEqual(namesIn(topic, record.events));
    }
    const withoutIds = (data: object) =>
      JSON.parse(
        JSON.stringify(data).replaceAll(/"(?:payment|shipment|notification)Id":"[^"]+"/g, '"id":""'),
      );
    for (const { recorded, data } of says.filter((event) => !isPersonal(event)))
      expect(withoutIds(data)).toEqual(withoutIds(recorded?.data ?? {}));
  });
});

describe('A replay', () => {
  it('asks for what was asked for, and gets the answers of the record', async () => {
    const { asks } = await replay(recordOf('not deliverable'), 'rules');
    expect(asks.map(({ service, kind, answered }) => [service, kind, answered])).toEqual(
      expect.arrayContaining([
        ['payment', 'charge', true],
        ['shipping', 'booking', true],
        ['payment', 'refund', true],
        ['email', 'mail/order-confirmation', true],
        ['email', 'mail/order-cancelled', true],
      ]),
    );
  });

  it('stops at a call whose end nobody knows', async () => {
    const { asks, stateOf } = await replay(recordOf('on its way'), 'rules');
    expect(asks.filter(({ answered }) => !answered).map(({ kind }) => kind)).toEqual([
      'mail/order-confirmation',
      'booking',
    ]);
    expect(stateOf('order')).toBe('pending');
  });

  it('makes the same of the same, ids included', async () => {
    const record = recordOf('confirmed');
    const [once, again] = [await replay(record, 'rules'), await replay(record, 'rules')];
    expect(again.says).toEqual(once.says);
    expect(again.asks).toEqual(once.asks);
  });

  it('takes what has come twice once, and what came in any order in its own', async () => {
    const { orderId, events } = recordOf('confirmed');

    const shuffled = createOrderRecord(orderId, [...events, ...events].reverse());
    expect((await replay(shuffled, 'rules')).says).toEqual(
      (await replay(recordOf('confirmed'), 'rules')).says,
    );
  });

  it('parks what its handler can’t take, and what comes behind it in its topic', async () => {
    const record = recordOf('confirmed');
    // Confirmed, although nothing was ever reserved, paid or booked.
    const events = record.events.filter(({ name }) => ['OrderCreated', 'OrderConfirmed'].includes(name));
    const { steps } = await replay({ ...record, events }, 'record');
    const ofShipping = steps.filter(({ service }) => service === 'shipping');
    expect(ofShipping.at(-1)?.reaction).toMatchObject({ outcome: 'poison', code: 'CONFIRMED_UNBOOKED' });
  });
});
