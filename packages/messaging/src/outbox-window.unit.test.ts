import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPostgresModel, type PostgresModel, type Transaction } from '../tests/postgres-model.ts';
import type { OutboxRow } from './outbox.ts';
import { createOutboxWindow, type OutboxWindow } from './outbox-window.ts';

const keys = ['a', 'b', 'c', 'd'];
/** The key whose transactions this process runs, one after the other: it hands its entries to the relay itself. */
const OWN = 'a';

/** The relay's part: looks, draws horizons, sends in order, acknowledges. */
function createRelayModel(postgres: PostgresModel, window: OutboxWindow) {
  const taken: number[] = [];
  const acknowledged = new Set<number>();
  let unacknowledged: OutboxRow[] = [];
  const send = (rows: readonly OutboxRow[]) => {
    taken.push(...rows.map(({ position }) => position));
    unacknowledged.push(...rows);
  };
  return {
    taken,
    look(limit: number) {
      // Both are on one connection: what the last look asked for is answered first.
      this.drawHorizon();
      send(window.take(postgres.look(window.high, window.gaps, limit)));
    },
    drawHorizon() {
      if (window.needsHorizon) window.setHorizon(postgres.drawXid());
    },
    takeOffered: () => send(window.takeOffered()),
    acknowledge() {
      window.acknowledge(unacknowledged);
      for (const { position } of unacknowledged) acknowledged.add(position);
      unacknowledged = [];
    },
    expectNothingPassed() {
      const low = window.low();
      for (const { position } of postgres.open)
        if (position !== undefined) expect(low).toBeLessThan(position);
      for (const position of postgres.committed) {
        if (!acknowledged.has(position)) expect(low).toBeLessThan(position);
      }
    },
    expectKeyOrder() {
      for (const key of keys) {
        const ofKey = taken.filter((position) => postgres.keyOf(position) === key);
        expect(ofKey).toEqual([...ofKey].sort((one, other) => one - other));
      }
    },
  };
}

type Step =
  | { does: 'begin'; key: string }
  | { does: 'draw' | 'commit' | 'rollback'; which: number }
  | { does: 'look'; limit: number }
  | { does: 'drawHorizon' | 'takeOffered' | 'acknowledge' };

const which = fc.nat({ max: 10 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ does: fc.constant('begin' as const), key: fc.constantFrom(...keys) }) },
  { weight: 4, arbitrary: fc.record({ does: fc.constantFrom('draw' as const, 'commit' as const), which }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('rollback' as const), which }) },
  {
    weight: 3,
    arbitrary: fc.record({ does: fc.constant('look' as const), limit: fc.integer({ min: 1, max: 3 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constantFrom('drawHorizon' as const, 'takeOffered' as const, 'acknowledge' as const),
    }),
  },
);

function play(steps: readonly Step[]) {
  const postgres = createPostgresModel();
  const window = createOutboxWindow(0);
  const relay = createRelayModel(postgres, window);
  const end = (transaction: Transaction, how: 'commit' | 'rollback') => {
    const row = postgres.end(transaction, how);
    if (row !== undefined && transaction.key === OWN) window.offer(row);
  };
  for (const next of steps) {
    const transaction =
      'which' in next ? postgres.open[next.which % Math.max(1, postgres.open.length)] : undefined;
    if (next.does === 'begin') postgres.begin(next.key);
    else if (next.does === 'look') relay.look(next.limit);
    else if (next.does === 'drawHorizon') relay.drawHorizon();
    else if (next.does === 'takeOffered') relay.takeOffered();
    else if (next.does === 'acknowledge') relay.acknowledge();
    else if (transaction !== undefined && next.does === 'draw') postgres.draw(transaction);
    else if (transaction !== undefined && next.does !== 'draw') end(transaction, next.does);
    relay.expectNothingPassed();
  }
  for (const transaction of postgres.open.slice()) end(transaction, 'commit');
  // What is committed is seen by the first looks; gaps die at one after their horizon.
  for (let looks = 0; looks < 100; looks += 1) relay.look(3);
  relay.acknowledge();
  return { postgres, window, relay };
}

describe('whatever transactions do between looks', () => {
  it('every committed entry is taken once, in the order of its key, and the mark passes none', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const { postgres, window, relay } = play(steps);
        expect([...relay.taken].sort((one, other) => one - other)).toEqual(
          [...postgres.committed].sort((one, other) => one - other),
        );
        relay.expectKeyOrder();
        expect(window.gaps).toEqual([]);
        expect(window.pending).toBe(0);
        expect(window.low()).toBe(window.high);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('a gap', () => {
  it('of a transaction newer than all that have ended is not given up', () => {
    const postgres = createPostgresModel();
    const window = createOutboxWindow(0);
    const relay = createRelayModel(postgres, window);
    // The older one draws the later position, and ends first: a snapshot's xmax is then the newer one's xid.
    const older = postgres.begin('b');
    const newer = postgres.begin('c');
    if (older === undefined || newer === undefined) throw new Error('both keys are free');
    postgres.draw(newer);
    postgres.draw(older);
    postgres.end(older, 'commit');
    relay.look(10);
    relay.look(10);
    expect(window.gaps).toEqual([1]);
    postgres.end(newer, 'commit');
    relay.look(10);
    expect(relay.taken).toEqual([2, 1]);
  });

  it('of a transaction that was rolled back dies, and the mark goes on', () => {
    const window = createOutboxWindow(10);
    const rows = [{ position: 13, entry: Buffer.alloc(1) }];
    window.acknowledge(window.take({ xmin: 5n, rows }));
    expect([window.gaps, window.low()]).toEqual([[11, 12], 10]);
    window.setHorizon(7n);
    window.take({ xmin: 7n, rows: [] });
    expect(window.gaps).toEqual([11, 12]);
    window.take({ xmin: 8n, rows: [] });
    expect([window.gaps, window.low()]).toEqual([[], 13]);
  });
});

describe('what is offered', () => {
  it('is dropped, and left to a look, when too much of it waits', () => {
    const window = createOutboxWindow(0);
    const entry = Buffer.alloc(1024 * 1024);
    for (let position = 1; position <= 100; position += 1) window.offer({ position, entry });
    const offered = window.takeOffered();
    expect(offered.length).toBeLessThan(50);
    expect(window.high).toBe(offered.length);
    window.offer({ position: offered.length + 1, entry });
    expect(window.takeOffered()).toHaveLength(1);
  });
});
