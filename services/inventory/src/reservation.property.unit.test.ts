import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cancelled, confirmed, countStock, created, createWorld, take, uuid } from '../tests/given.ts';
import type { ReservationState } from './reservation.ts';
import { delivered, type Stock } from './stock.ts';
import type { World } from './world.ts';

const skus = ['A', 'B', 'C'];
const orders = [1, 2, 3, 4].map(uuid);

const orderId = fc.constantFrom(...orders);
const lines = fc.array(
  fc.record({ sku: fc.constantFrom(...skus, 'UNKNOWN'), quantity: fc.integer({ min: 1, max: 6 }) }),
  {
    minLength: 1,
    maxLength: 4,
  },
);
const anyInput = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(orderId, lines).map(([id, all]) => created(id, ...all)) },
  { weight: 3, arbitrary: orderId.map(confirmed) },
  { weight: 3, arbitrary: orderId.map(cancelled) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom(...skus), fc.nat(12)).map(([sku, n]) => countStock(sku, n)),
  },
);

const legal: Record<ReservationState, readonly ReservationState[]> = {
  none: ['reserved', 'refused', 'cancelled'],
  reserved: ['shipped', 'released'],
  refused: [],
  shipped: [],
  released: [],
  cancelled: [],
};

const stateOf = (world: World, id: string): ReservationState => world.reservations.get(id)?.state ?? 'none';

/** Takes an input as the kernel does: poison changes nothing and holds up nobody. */
function survive(
  world: World,
  ...[input]: Parameters<typeof take> extends [World, ...infer Rest] ? Rest : never
) {
  if (input === undefined) return;
  try {
    take(world, input);
  } catch (error) {
    expect(error).toMatchObject({ name: 'PoisonError' });
  }
}

/** Units that reservations in these states hold of a SKU. */
const held = (world: World, sku: string, state: ReservationState): number =>
  [...world.reservations.values()]
    .filter((reservation) => reservation.state === state)
    .flatMap((reservation) => reservation.lines)
    .reduce((sum, line) => (line.sku === sku ? sum + line.quantity : sum), 0);

/** What is wrong with a row, if anything. Without `expect`, which would be most of the work here. */
function flawIn(stock: Stock, world: World): string | undefined {
  const { sku, onHand, reserved, shipped, received } = stock;
  if (onHand + reserved + shipped !== received) return `${sku}: units appeared or vanished`;
  if (Math.min(onHand, reserved, shipped) < 0) return `${sku}: fewer than none`;
  if (reserved !== held(world, sku, 'reserved')) return `${sku}: reserved, but not by the reservations`;
  if (shipped !== held(world, sku, 'shipped')) return `${sku}: shipped, but not by the reservations`;
  return undefined;
}

describe('whatever comes, in whatever order', () => {
  it('stock is conserved, never negative, and says what the reservations say', () => {
    fc.assert(
      fc.property(fc.array(anyInput, { maxLength: 40 }), fc.nat(20), (inputs, units) => {
        const world = createWorld(
          [],
          skus.map((sku) => delivered(sku, units)),
        );
        for (const input of inputs) {
          survive(world, input);
          const flaw = [...world.stock.values()].map((stock) => flawIn(stock, world)).find(Boolean);
          if (flaw !== undefined) expect.fail(flaw);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('no more is ever promised than came in', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(orderId, lines), { maxLength: 20 }), fc.nat(10), (wishes, units) => {
        const world = createWorld(
          [],
          skus.map((sku) => delivered(sku, units)),
        );
        for (const [id, all] of wishes) survive(world, created(id, ...all));
        for (const sku of skus) expect(held(world, sku, 'reserved')).toBeLessThanOrEqual(units);
        expect(held(world, 'UNKNOWN', 'reserved')).toBe(0);
      }),
    );
  });

  it('each reservation ends once, by a legal step, and none outlives a cancellation', () => {
    fc.assert(
      fc.property(fc.array(anyInput, { maxLength: 40 }), (inputs) => {
        const world = createWorld(
          [],
          skus.map((sku) => delivered(sku, 8)),
        );
        const ended = new Set<string>();
        for (const input of inputs) {
          const before = new Map(orders.map((id) => [id, stateOf(world, id)]));
          survive(world, input);
          for (const id of orders) {
            const [from, to] = [before.get(id) ?? 'none', stateOf(world, id)];
            if (from !== to && !legal[from].includes(to)) expect.fail(`${from} → ${to}`);
          }
          if (input.name === 'OrderCancelled') ended.add(input.key);
          for (const id of ended) if (stateOf(world, id) === 'reserved') expect.fail('outlived its order');
        }
      }),
      { numRuns: 500 },
    );
  });
});
