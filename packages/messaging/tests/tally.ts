import { PoisonError } from '../src/errors.ts';
import type { Decision, Input, Reactor } from '../src/reactor.ts';
import { createdAt } from './given.ts';

/** How many inputs of each order were applied. */
export interface World {
  readonly counts: Map<string, number>;
  readonly changed: Set<string>;
}

export interface Change {
  readonly orderId: string;
  readonly by: number;
}

const paid = (orderId: string, amount = 1_999, chargeId = 'charge-1') => ({
  name: 'PaymentCompleted' as const,
  key: orderId,
  data: {
    orderId,
    paymentId: orderId,
    chargeId,
    amount: { amount, currency: 'EUR' },
    completedAt: createdAt,
  },
});

/** What becomes of an order says its payment method. */
const decisions: Readonly<Record<string, (orderId: string) => Decision<Change>>> = {
  tok_visa: (orderId) => ({ outcome: 'apply', change: { orderId, by: 1 }, events: [paid(orderId)] }),
  tok_refused: () => {
    throw new PoisonError('REFUSED', 'a rule says no');
  },
  tok_bug: () => {
    throw new TypeError('cannot read properties of undefined');
  },
  tok_unsaveable: (orderId) => ({ outcome: 'apply', change: { orderId, by: -1_000 } }),
  tok_unencodable: (orderId) => ({
    outcome: 'apply',
    change: { orderId, by: 1 },
    events: [paid(orderId, -1)],
  }),
  tok_ignored: () => ({ outcome: 'ignore', reason: 'a test' }),
  tok_early: (orderId) => ({ outcome: 'remember', change: { orderId, by: 1 } }),
  tok_charge: (orderId) => ({
    outcome: 'apply',
    change: { orderId, by: 1 },
    effects: [{ kind: 'charge', id: orderId, data: { orderId } }],
  }),
};

function decide(world: World, input: Input): Decision<Change> {
  const { key: orderId } = input;
  if (input.kind === 'event' && input.name === 'OrderCreated') {
    return (decisions[input.data.paymentMethod] ?? decisions['tok_visa'])?.(orderId) as Decision<Change>;
  }
  if (input.kind === 'outcome') {
    const events = [paid(orderId, 1_999, String(input.data))];
    return { outcome: 'apply', change: { orderId, by: 1 }, events };
  }
  if (input.kind === 'command' && input.name === 'fail') throw new Error('no such order');
  const reply = { count: (world.counts.get(orderId) ?? 0) + 1 };
  return { outcome: 'apply', change: { orderId, by: 1 }, reply };
}

/** The smallest service there is: it counts, pays, and fails as it is told. */
export const tally: Reactor<World, Change> = {
  consumes: ['orders.events', 'inventory.events'],
  unread: { StockShipped: 'a test' },
  async load(db, inputs) {
    const rows = await db.query<{ order_id: string; count: number }>(
      'SELECT order_id, count FROM tallies WHERE order_id = ANY ($1::text[])',
      [inputs.map(({ key }) => key)],
    );
    return { counts: new Map(rows.map(({ order_id, count }) => [order_id, count])), changed: new Set() };
  },
  decide,
  evolve(world, { orderId, by }) {
    world.counts.set(orderId, (world.counts.get(orderId) ?? 0) + by);
    world.changed.add(orderId);
  },
  async save(db, { counts, changed }) {
    const ids = [...changed];
    await db.query(
      `INSERT INTO tallies SELECT * FROM unnest($1::text[], $2::int[])
       ON CONFLICT (order_id) DO UPDATE SET count = EXCLUDED.count`,
      [ids, ids.map((id) => counts.get(id))],
    );
  },
};
