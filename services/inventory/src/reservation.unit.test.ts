import { PoisonError } from '@skald/messaging';
import { describe, expect, it } from 'vitest';
import { now, orderCancelled, orderConfirmed, orderCreated, uuid } from '../tests/given.ts';
import {
  mergeLines,
  type Reservation,
  type ReservationState,
  rules,
  type Verb,
  type Verbs,
} from './reservation.ts';
import { delivered, type Stock, setAside } from './stock.ts';

const orderId = uuid(1);
const lines = [
  { sku: 'A', quantity: 3 },
  { sku: 'B', quantity: 1 },
];

const held: Record<ReservationState, readonly { sku: string; quantity: number }[]> = {
  none: [],
  reserved: lines,
  refused: [],
  shipped: lines,
  released: lines,
  cancelled: [],
};

const told: Verbs = {
  reserve: orderCreated(orderId, lines),
  ship: orderConfirmed(orderId),
  release: orderCancelled(orderId),
};

/** What is there once the reservation is in this state, of 10 units each that came in. */
function stockGiven(state: ReservationState): Map<string, Stock> {
  const rows = ['A', 'B'].map((sku): Stock => {
    const quantity = lines.find((line) => line.sku === sku)?.quantity ?? 0;
    const row = delivered(sku, 10);
    if (state === 'reserved') return setAside(row, quantity);
    if (state === 'shipped') return { ...row, onHand: 10 - quantity, shipped: quantity };
    return row;
  });
  return new Map(rows.map((row) => [row.sku, row]));
}

function when<V extends Verb>(
  state: ReservationState,
  verb: V,
  message: Verbs[V],
  stock = stockGiven(state),
) {
  const reservation: Reservation = { orderId, state, lines: held[state] };
  return rules[state][verb]({ reservation, stock, now }, message);
}

type Expected =
  | { outcome: 'apply' | 'remember'; to: ReservationState; event?: string }
  | { outcome: 'ignore'; because: RegExp }
  | { outcome: 'poison'; code: string };

const table: Record<ReservationState, Record<Verb, Expected>> = {
  none: {
    reserve: { outcome: 'apply', to: 'reserved', event: 'StockReserved' },
    ship: { outcome: 'poison', code: 'CONFIRMED_UNRESERVED' },
    release: { outcome: 'remember', to: 'cancelled' },
  },
  reserved: {
    reserve: { outcome: 'ignore', because: /once already/ },
    ship: { outcome: 'apply', to: 'shipped', event: 'StockShipped' },
    release: { outcome: 'apply', to: 'released', event: 'StockReservationCancelled' },
  },
  refused: {
    reserve: { outcome: 'ignore', because: /once already/ },
    ship: { outcome: 'poison', code: 'CONFIRMED_UNRESERVED' },
    release: { outcome: 'ignore', because: /nothing to release/ },
  },
  shipped: {
    reserve: { outcome: 'ignore', because: /once already/ },
    ship: { outcome: 'ignore', because: /shipped already/ },
    release: { outcome: 'poison', code: 'CANCELLED_AFTER_CONFIRM' },
  },
  released: {
    reserve: { outcome: 'ignore', because: /once already/ },
    ship: { outcome: 'poison', code: 'CONFIRMED_AFTER_CANCEL' },
    release: { outcome: 'ignore', because: /released already/ },
  },
  cancelled: {
    reserve: { outcome: 'ignore', because: /before it was reserved/ },
    ship: { outcome: 'poison', code: 'CONFIRMED_AFTER_CANCEL' },
    release: { outcome: 'ignore', because: /cancelled already/ },
  },
};

function expectOutcome(state: ReservationState, verb: Verb, expected: Expected): void {
  const decide = () => when(state, verb, told[verb]);
  if (expected.outcome === 'poison') {
    expect(decide).toThrow(expect.objectContaining({ name: PoisonError.name, code: expected.code }));
    return;
  }
  const decision = decide();
  expect(decision.outcome).toBe(expected.outcome);
  if (expected.outcome === 'ignore') {
    expect(decision).toMatchObject({ reason: expect.stringMatching(expected.because) });
    return;
  }
  if (decision.outcome === 'ignore') throw new Error('unreachable');
  expect(decision.change.reservation).toMatchObject({ orderId, state: expected.to });
  expect((decision.events ?? []).map(({ name }) => name)).toEqual(expected.event ? [expected.event] : []);
  for (const event of decision.events ?? []) expect(event).toMatchObject({ key: orderId, data: { orderId } });
}

describe('a reservation', () => {
  for (const state of Object.keys(table) as ReservationState[]) {
    for (const verb of Object.keys(table[state]) as Verb[]) {
      const expected = table[state][verb];
      it(`that is ${state}, told to ${verb}: ${expected.outcome}`, () =>
        expectOutcome(state, verb, expected));
    }
  }

  it('sets the units of all lines aside, in every row', () => {
    const decision = when('none', 'reserve', told.reserve);
    expect(decision).toMatchObject({
      change: {
        reservation: { lines },
        stock: [
          { sku: 'A', onHand: 7, reserved: 3, shipped: 0 },
          { sku: 'B', onHand: 9, reserved: 1, shipped: 0 },
        ],
      },
      events: [{ data: { lines, reservedAt: now } }],
    });
  });

  it('moves what was set aside on to shipped', () => {
    expect(when('reserved', 'ship', told.ship)).toMatchObject({
      change: {
        stock: [
          { onHand: 7, reserved: 0, shipped: 3 },
          { onHand: 9, reserved: 0, shipped: 1 },
        ],
      },
      events: [{ data: { lines, shippedAt: now } }],
    });
  });

  it('puts what was set aside back on hand', () => {
    expect(when('reserved', 'release', told.release)).toMatchObject({
      change: {
        stock: [
          { onHand: 10, reserved: 0, shipped: 0 },
          { onHand: 10, reserved: 0, shipped: 0 },
        ],
      },
      events: [{ data: { lines, cancelledAt: now } }],
    });
  });

  it('takes the very last unit', () => {
    const order = orderCreated(orderId, [{ sku: 'A', quantity: 10 }]);
    expect(when('none', 'reserve', order)).toMatchObject({
      change: { stock: [{ onHand: 0, reserved: 10 }] },
    });
  });

  it('takes nothing at all when one line is short, and names each shortage', () => {
    const order = orderCreated(orderId, [
      { sku: 'A', quantity: 11 },
      { sku: 'B', quantity: 1 },
      { sku: 'NEVER-HEARD-OF', quantity: 2 },
    ]);
    expect(when('none', 'reserve', order)).toEqual({
      outcome: 'apply',
      change: { reservation: { orderId, state: 'refused', lines: [] }, stock: [] },
      events: [
        {
          name: 'StockReservationFailed',
          key: orderId,
          data: {
            orderId,
            shortages: [
              { sku: 'A', requested: 11, available: 10 },
              { sku: 'NEVER-HEARD-OF', requested: 2, available: 0 },
            ],
            failedAt: now,
          },
        },
      ],
    });
  });

  it('counts a SKU on two lines once, with the units of both', () => {
    const twice = [
      { sku: 'A', quantity: 6 },
      { sku: 'B', quantity: 1 },
      { sku: 'A', quantity: 5 },
    ];
    expect(mergeLines(twice)).toEqual([
      { sku: 'A', quantity: 11 },
      { sku: 'B', quantity: 1 },
    ]);
    expect(when('none', 'reserve', orderCreated(orderId, twice))).toMatchObject({
      events: [
        { name: 'StockReservationFailed', data: { shortages: [{ sku: 'A', requested: 11, available: 10 }] } },
      ],
    });
  });
});
