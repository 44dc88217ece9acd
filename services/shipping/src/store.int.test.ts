import type { Input } from '@skald/messaging';
import { createTestDatabase, type TestDatabase } from '@skald/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import {
  address,
  answered,
  booked,
  booking,
  calledOff,
  cancelled,
  confirmed,
  contact,
  paid,
  refused,
  shipmentId,
  shipmentThatIs,
  take,
  uuid,
} from '../tests/given.ts';
import type { StoredShipment } from './shipment-state.ts';
import { findAddresses, findShipment, load, save } from './store.ts';
import { createWorld } from './world.ts';

const orderId = uuid(1);
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase(
    inject('infrastructure'),
    new URL('../migrations/001_shipments.sql', import.meta.url),
  );
});
beforeEach(() => database.pool.query('TRUNCATE shipments, contacts'));
afterAll(() => database.stop());

/** Load, decide, save in one transaction, as the kernel does. */
const react = (...inputs: readonly Input[]) =>
  database.transaction(async (db) => {
    const world = await load(db, inputs);
    const result = take(world, ...inputs);
    await save(db, world);
    return result;
  });

const names = (all: readonly { readonly name: string }[]) => all.map(({ name }) => name);

describe('a shipment', () => {
  it('is kept from batch to batch: addressed, paid, booked, dispatched', async () => {
    expect((await react(contact(orderId))).effects).toEqual([]);
    expect(await findShipment(database.db, orderId)).toBeUndefined();
    expect((await react(paid(orderId))).effects).toMatchObject([{ kind: 'booking', id: orderId }]);
    expect(names((await react(answered(orderId, booked))).events)).toEqual(['ShipmentScheduled']);
    expect(await findShipment(database.db, orderId)).toEqual({
      orderId,
      state: 'scheduled',
      shipmentId,
      booking,
    });
    expect(names((await react(confirmed(orderId))).events)).toEqual(['ShipmentDispatched']);
    expect((await react(confirmed(orderId), contact(orderId))).events).toEqual([]);
  });

  it('is booked when the payment has overtaken the address', async () => {
    await react(paid(orderId));
    expect((await react(contact(orderId))).effects).toMatchObject([{ kind: 'booking' }]);
    expect(await findAddresses(database.db, [orderId, uuid(2)])).toEqual(new Map([[orderId, address]]));
  });

  it('is called off when the cancellation falls between booking and answer', async () => {
    await react(contact(orderId), paid(orderId));
    await react(cancelled(orderId));
    const { events, effects } = await react(answered(orderId, booked));
    expect(names(events)).toEqual(['ShipmentCancelled']);
    expect(effects).toMatchObject([{ kind: 'call-off' }]);
    expect((await react(calledOff(orderId))).events).toEqual([]);
  });

  it('leaves a tombstone when the cancellation comes first, and keeps no address then', async () => {
    await react(cancelled(orderId));
    expect((await react(contact(orderId), paid(orderId))).effects).toEqual([]);
    expect(await findAddresses(database.db, [orderId])).toEqual(new Map());
  });

  it('remembers why the carrier refused', async () => {
    await react(contact(orderId), paid(orderId));
    await react(answered(orderId, refused));
    expect(await findShipment(database.db, orderId)).toMatchObject({
      state: 'refused',
      refusal: 'ADDRESS_UNSERVICEABLE',
    });
  });

  it('comes back as it was saved, in each of its states', async () => {
    const states = [
      'paid',
      'booking',
      'scheduled',
      'refused',
      'dispatched',
      'cancelling',
      'called-off',
      'cancelled',
    ] as const;
    const all = states.map((state, i) => shipmentThatIs(state, uuid(i)) as StoredShipment);
    const world = createWorld(all);
    for (const { orderId: id } of all) world.unsaved.shipments.add(id);
    await save(database.db, world);
    for (const shipment of all) expect(await findShipment(database.db, shipment.orderId)).toEqual(shipment);
  });

  it('is not written without what its state says is known', async () => {
    const insert = `INSERT INTO shipments (order_id, state) VALUES ($1, 'scheduled')`;
    await expect(database.pool.query(insert, [orderId])).rejects.toThrow(
      'shipment_knows_what_its_state_needs',
    );
  });

  it('is not loaded for nonsense, which would fail the whole batch', async () => {
    expect(
      (await load(database.db, [paid('no-uuid'), contact(orderId, { city: 'A\0' })])).shipments.size,
    ).toBe(0);
  });

  it('takes a corrected address until it is booked', async () => {
    await react(contact(orderId));
    await react(contact(orderId, { street: 'Lange Reihe 2' }));
    await react(paid(orderId));
    await react(contact(orderId, { street: 'Lange Reihe 3' }));
    expect((await findAddresses(database.db, [orderId])).get(orderId)?.street).toBe('Lange Reihe 2');
  });
});

describe('a batch', () => {
  it('of hundreds of orders is loaded in two statements, both along the primary keys', async () => {
    const orders = Array.from({ length: 300 }, (_, i) => uuid(i));
    await react(...orders.map((id) => contact(id)));
    const { effects } = await react(...orders.map((id) => paid(id)));
    expect(effects).toHaveLength(300);
    const plans = await database.transaction(async (db) => {
      await db.query('SET LOCAL plan_cache_mode = force_generic_plan');
      const seen: string[] = [];
      const recorder = {
        async query<Row extends object>(statement: string | { readonly text: string }) {
          seen.push(typeof statement === 'string' ? statement : statement.text);
          return [] as Row[];
        },
      };
      await load(
        recorder,
        orders.flatMap((id) => [paid(id), confirmed(id)]),
      );
      for (const [i, text] of seen.entries()) {
        await db.query(`PREPARE explained_${i} AS ${text}`);
        seen[i] = JSON.stringify(await db.query(`EXPLAIN EXECUTE explained_${i} ('{}')`));
      }
      return seen;
    });
    expect(plans).toHaveLength(2);
    for (const plan of plans) expect(plan).toMatch(/Index (Only )?Scan.*(shipments|contacts)_pkey/);
  });
});
