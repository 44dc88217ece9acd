import { groups, reactionsOf, unreadBy } from '@skald/contracts';
import { describe, expect, it } from 'vitest';
import { address, booking, cancelled, confirmed, contact, event, paid, take, uuid } from '../tests/given.ts';
import { reactor, saga } from './saga.ts';
import { createWorld } from './world.ts';

const orderId = uuid(1);

describe("shipping's part in the saga", () => {
  it('is the one that the saga graph tells', () => {
    expect(saga).toEqual(reactionsOf('shipping'));
    expect(reactor.consumes).toEqual(groups.shipping);
    expect(Object.keys(reactor.unread ?? {}).sort()).toEqual([...unreadBy('shipping')].sort());
  });

  it('books once it has both the address and the payment, in either order', () => {
    for (const inputs of [
      [contact(orderId), paid(orderId)],
      [paid(orderId), contact(orderId)],
    ]) {
      const world = createWorld();
      expect(take(world, ...inputs).effects).toMatchObject([{ kind: 'booking', id: orderId }]);
      expect(world.unsaved).toEqual({
        shipments: new Set([orderId]),
        addresses: new Map([[orderId, address]]),
      });
    }
  });

  it('writes no shipment while only the address is known', () => {
    const world = createWorld();
    take(world, contact(orderId));
    expect(world.unsaved.shipments.size).toBe(0);
    expect(world.unsaved.addresses.get(orderId)).toEqual(address);
  });

  it('takes a corrected address as long as nothing is booked', () => {
    const world = createWorld();
    take(world, contact(orderId), contact(orderId, { street: 'Lange Reihe 2' }));
    expect(world.unsaved.addresses.get(orderId)?.street).toBe('Lange Reihe 2');
  });

  it('keeps no address of an order that was cancelled before', () => {
    const world = createWorld();
    take(world, cancelled(orderId), contact(orderId), paid(orderId));
    expect(world.unsaved.addresses.size).toBe(0);
    expect(world.shipments.get(orderId)).toEqual({ orderId, state: 'cancelled' });
  });

  it('tells neither the carrier nor a kept topic where people live', () => {
    const { events, effects } = take(
      createWorld([{ orderId: uuid(2), state: 'scheduled', shipmentId: uuid(3), booking }]),
      contact(orderId),
      paid(orderId),
      cancelled(uuid(2)),
    );
    const said = JSON.stringify([events, effects]);
    for (const part of [address.name, address.street, address.postalCode, address.city])
      expect(said).not.toContain(part);
  });
});

describe('nonsense that a schema allows', () => {
  const nonsense = {
    'an address without a street': contact(orderId, { street: ' ' }),
    'an address with a NUL, which Postgres takes for no text': contact(orderId, { city: 'Ham\0burg' }),
    'another order under the key': event('OrderCancelled', uuid(2), {
      orderId,
      reason: 'OUT_OF_STOCK',
      cancelledAt: 0,
    }),
    'a key that is no order id': paid('order-1'),
    'a confirmation out of the blue': confirmed(orderId),
  };
  for (const [what, input] of Object.entries(nonsense)) {
    it(`is poison: ${what}`, () => {
      expect(() => take(createWorld(), input)).toThrow(expect.objectContaining({ name: 'PoisonError' }));
    });
  }
});
