import { groups, reactionsOf, unreadBy } from '@skald/contracts';
import { describe, expect, it } from 'vitest';
import {
  cancelled,
  command,
  confirmed,
  countStock,
  created,
  createWorld,
  event,
  orderCreated,
  take,
  uuid,
} from '../tests/given.ts';
import { catalogue } from './catalogue.ts';
import { reactor, saga } from './saga.ts';
import { delivered } from './stock.ts';

const orderId = uuid(1);
const line = { sku: 'A', quantity: 2 };
const names = (events: readonly { readonly name: string }[]) => events.map(({ name }) => name);

describe("inventory's part in the saga", () => {
  it('is the one that the saga graph tells', () => {
    expect(saga).toEqual(reactionsOf('inventory'));
    expect(reactor.consumes).toEqual(groups.inventory);
    expect(Object.keys(reactor.unread ?? {})).toEqual(unreadBy('inventory'));
  });

  it('reserves and then ships, within one batch', () => {
    const world = createWorld([], [delivered('A', 5)]);
    const { events } = take(world, created(orderId, line), confirmed(orderId));
    expect(names(events)).toEqual(['StockReserved', 'StockShipped']);
    expect(world.stock.get('A')).toEqual({ sku: 'A', onHand: 3, reserved: 0, shipped: 2, received: 5 });
    expect(world.unsaved).toMatchObject({ reservations: new Set([orderId]), stock: new Set(['A']) });
  });

  it('reserves nothing for an order whose cancellation came first', () => {
    const world = createWorld([], [delivered('A', 5)]);
    expect(take(world, cancelled(orderId), created(orderId, line)).events).toEqual([]);
    expect(world.stock.get('A')).toEqual(delivered('A', 5));
    expect(world.reservations.get(orderId)?.state).toBe('cancelled');
  });

  it('lets the next order of a batch see what the one before has taken', () => {
    const world = createWorld([], [delivered('A', 3)]);
    const { events } = take(
      world,
      created(uuid(1), line),
      created(uuid(2), line),
      cancelled(uuid(1)),
      created(uuid(3), line),
    );
    expect(names(events)).toEqual([
      'StockReserved',
      'StockReservationFailed',
      'StockReservationCancelled',
      'StockReserved',
    ]);
  });

  it('leaves what did not change alone', () => {
    const world = createWorld([{ orderId, state: 'refused', lines: [] }], [delivered('A', 3)]);
    take(world, cancelled(orderId));
    expect(world.unsaved).toEqual({ reservations: new Set(), stock: new Set(), products: [] });
  });
});

describe('nonsense that a schema allows', () => {
  const nonsense = {
    'no lines': created(orderId),
    'a quantity of zero': created(orderId, { sku: 'A', quantity: 0 }),
    'a negative quantity': created(orderId, line, { sku: 'B', quantity: -1 }),
    'an empty SKU': created(orderId, { sku: '', quantity: 1 }),
    'a SKU with a NUL, which Postgres takes for no text': created(orderId, { sku: 'A\0', quantity: 1 }),
    'a SKU as long as a book': created(orderId, { sku: 'A'.repeat(101), quantity: 1 }),
    'lines of one SKU that add up to more than an int': created(
      orderId,
      { sku: 'A', quantity: 2 ** 31 - 1 },
      { sku: 'A', quantity: 1 },
    ),
    'another order under the key': event('OrderCreated', uuid(2), orderCreated(orderId, [line])),
    'a key that is no order id': event('OrderCreated', 'order-1', orderCreated('order-1', [line])),
    'an order id in capitals, which Postgres would give back in small letters': cancelled(
      orderId.toUpperCase(),
    ),
    'a confirmation out of the blue': confirmed(orderId),
  };
  for (const [what, input] of Object.entries(nonsense)) {
    it(`is poison: ${what}`, () => {
      const world = createWorld([], [delivered('A', 5)]);
      expect(() => take(world, input)).toThrow(
        expect.objectContaining({ name: 'PoisonError', retryable: false }),
      );
    });
  }

  it('is not: a SKU that nobody sells, which is a refusal like any other', () => {
    const { events } = take(createWorld(), created(orderId, line));
    expect(events).toMatchObject([
      { name: 'StockReservationFailed', data: { shortages: [{ sku: 'A', requested: 2, available: 0 }] } },
    ]);
  });
});

describe('a stock count', () => {
  it('sets what is on hand, leaves what is reserved, and keeps the books', () => {
    const world = createWorld([], [delivered('A', 5)]);
    const { replies } = take(world, created(orderId, line), countStock('A', 100));
    expect(replies[1]).toEqual({ sku: 'A', onHand: 100, reserved: 2, shipped: 0, received: 102 });
  });

  it('of an unknown SKU answers null and changes nothing', () => {
    const world = createWorld();
    expect(take(world, countStock('A', 1)).replies).toEqual([null]);
    expect(world.unsaved.stock.size).toBe(0);
  });
});

describe('the opening of a new house', () => {
  const open = command('ListCatalogue', 'catalogue', null);

  it('lists a thousand products, each under its own SKU and in its first version', () => {
    const world = createWorld([], [], false);
    const { events, replies } = take(world, open);
    expect(replies).toEqual([1000]);
    expect(events).toHaveLength(1000);
    expect(new Set(events.map(({ key }) => key)).size).toBe(1000);
    expect(new Set(events.map(({ sequence }) => sequence))).toEqual(new Set([1]));
    expect(events[0]).toMatchObject({ name: 'ProductListed', key: 'SKU-0001', data: { sku: 'SKU-0001' } });
  });

  it('stocks a million of each, but a hundred of the last but one, and none of the last', () => {
    const world = createWorld([], [], false);
    take(world, open);
    expect(world.stock.get('SKU-0001')).toEqual(delivered('SKU-0001', 1_000_000));
    expect(world.stock.get('SKU-0998')).toEqual(delivered('SKU-0998', 1_000_000));
    expect(world.stock.get('SKU-0999')).toEqual(delivered('SKU-0999', 100));
    expect(world.stock.get('SKU-1000')).toEqual(delivered('SKU-1000', 0));
  });

  it('happens once', () => {
    const world = createWorld([], [], false);
    expect(take(world, open, open).replies).toEqual([1000, 0]);
  });

  it('names every product differently, at a price above nothing, in whole minor units', () => {
    expect(new Set(catalogue.map(({ name }) => name)).size).toBe(catalogue.length);
    for (const { unitPrice, currency } of catalogue) {
      expect(Number.isInteger(unitPrice) && unitPrice > 0).toBe(true);
      expect(currency).toBe('EUR');
    }
  });
});
