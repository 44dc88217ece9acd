import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { headers, orderCreated, record } from '../tests/given.ts';
import { createTestDatabase, type TestDatabase } from '../tests/infrastructure.ts';
import { createReacting, type Reacting } from '../tests/reacting.ts';
import { tally } from '../tests/tally.ts';

let database: TestDatabase;
let reacting: Reacting;
let orderId: string;

beforeAll(async () => {
  database = await createTestDatabase();
});
beforeEach(async () => {
  await database.query(
    'TRUNCATE tallies, messaging.inbox, messaging.outbox, messaging.effects, messaging.parked',
  );
  reacting = await createReacting(database);
  orderId = uuidv7();
  return () => reacting.loop.stop();
});
afterAll(() => database.drop());

const created = (sequence = 1, paymentMethod = 'tok_visa', id = orderId) =>
  record('OrderCreated', orderCreated({ orderId: id, paymentMethod }), sequence);
const confirmed = (sequence: number, id = orderId) =>
  record('OrderConfirmed', { orderId: id, shipmentId: id, confirmedAt: 1 }, sequence);
const counts = async () =>
  Object.fromEntries(
    (await database.query<{ order_id: string; count: number }>('SELECT * FROM tallies')).map((row) => [
      row.order_id,
      row.count,
    ]),
  );
const parked = async () =>
  (
    await database.query<{ key: string; error_code: string | null }>(
      'SELECT key, error_code FROM messaging.parked ORDER BY id',
    )
  ).map(({ key, error_code }) => `${key} ${error_code ?? 'waits'}`);
const inbox = (key = orderId) =>
  database.query('SELECT topic, applied, published, parked FROM messaging.inbox_view WHERE key = $1', [key]);

describe('a reaction', () => {
  it('changes the state, publishes, and remembers what it has taken in', async () => {
    await reacting.take(created(), confirmed(2));
    expect(await counts()).toEqual({ [orderId]: 2 });
    expect(reacting.outcomes()).toEqual(['applied', 'applied']);
    expect(await reacting.published()).toEqual([
      { topic: 'payments.events', key: orderId, name: 'PaymentCompleted', sequence: 1 },
    ]);
    expect(await inbox()).toEqual(
      expect.arrayContaining([
        { topic: 'orders.events', applied: 2, published: null, parked: false },
        { topic: 'payments.events', applied: null, published: 1, parked: false },
      ]),
    );
    expect(await database.query('SELECT topic, key, type, sequence FROM messaging.outbox_view')).toEqual([
      { topic: 'payments.events', key: orderId, type: 'PaymentCompleted', sequence: 1 },
    ]);
  });

  it('concludes a batch once, behind its last decision', async () => {
    const other = uuidv7();
    const paid = (id: string, sequence: number) => ({
      name: 'PaymentCompleted' as const,
      key: id,
      sequence,
      data: {
        orderId: id,
        paymentId: id,
        chargeId: 'c',
        amount: { amount: 1, currency: 'EUR' },
        completedAt: 1,
      },
    });
    const silent = { outcome: 'apply', change: { orderId, by: 1 } } as const;
    const concluding = await createReacting(database, {
      decide: (_, { key }) => ({ ...silent, change: { orderId: key, by: 1 } }),
      conclude: ({ counts: sums, changed }) => [...changed].map((id) => paid(id, sums.get(id) ?? 0)),
    });
    await concluding.take(created(), confirmed(2), created(1, 'tok_visa', other));
    await concluding.take(confirmed(3));
    // A batch of duplicates changes nothing, and has nothing to conclude.
    await concluding.take(created());
    expect((await concluding.published()).map(({ key, sequence }) => [key, sequence])).toEqual([
      [orderId, 2],
      [other, 1],
      [orderId, 3],
    ]);
    await concluding.loop.stop();
  });

  it('may not conclude for a key of which it took nothing in', async () => {
    const concluding = await createReacting(database, {
      conclude: () => [
        {
          name: 'PaymentCompleted',
          key: uuidv7(),
          data: {
            orderId,
            paymentId: orderId,
            chargeId: 'c',
            amount: { amount: 1, currency: 'EUR' },
            completedAt: 1,
          },
        },
      ],
    });
    void concluding.take(created());
    await vi.waitFor(() => expect(concluding.fatal).toMatchObject([{ code: 'KEY_NOT_LOCKED' }]));
    await concluding.loop.stop();
  });

  it('knows a duplicate for ever, in the same fetch and later', async () => {
    await reacting.take(created(), created());
    await reacting.take(created(), confirmed(2), created());
    expect(reacting.outcomes()).toEqual(['applied', 'duplicate', 'duplicate', 'applied', 'duplicate']);
    expect(await counts()).toEqual({ [orderId]: 2 });
    expect(await reacting.published()).toHaveLength(1);
  });

  it('remembers, ignores, and takes in what nobody reads', async () => {
    const shipped = record('StockShipped', { orderId, lines: [], shippedAt: 1 }, 1);
    await reacting.take(created(1, 'tok_early'), created(2, 'tok_ignored'), shipped);
    expect(reacting.outcomes()).toEqual(['remembered', 'ignored', 'ignored']);
    expect(await inbox()).toEqual(
      expect.arrayContaining([
        { topic: 'orders.events', applied: 2, published: null, parked: false },
        { topic: 'inventory.events', applied: 1, published: null, parked: false },
      ]),
    );
  });

  it('counts the events of a key on through all transactions', async () => {
    for (const sequence of [1, 2, 3]) await reacting.take(created(sequence));
    expect((await reacting.published()).map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
  });
});

describe('poison', () => {
  const dead = { topic: 'orders.events.payment.dlq', name: 'OrderCreated', sequence: undefined };

  it.each([
    ['a rule refuses', 'tok_refused', 'REFUSED'],
    ['makes the handler fail', 'tok_bug', 'HANDLER_FAILED'],
    ['leads to what can not be saved', 'tok_unsaveable', 'NOT_SAVED'],
    ['leads to an event that its schema refuses', 'tok_unencodable', 'NOT_SAVED'],
  ])('that %s parks its key alone, and all else of the fetch goes on', async (_what, paymentMethod, code) => {
    const [before, after] = [uuidv7(), uuidv7()];
    await reacting.take(
      created(1, 'tok_visa', before),
      created(1, paymentMethod),
      confirmed(2),
      created(1, 'tok_visa', after),
    );
    expect(await counts()).toEqual({ [before]: 1, [after]: 1 });
    expect(await parked()).toEqual([`${orderId} ${code}`, `${orderId} waits`]);
    const published = await reacting.published();
    expect(published.filter(({ topic }) => topic.endsWith('.dlq'))).toEqual([{ ...dead, key: orderId }]);
    expect(published.filter(({ topic }) => !topic.endsWith('.dlq')).map(({ key }) => key)).toEqual([
      before,
      after,
    ]);
    expect(reacting.fatal).toEqual([]);
  });

  it('that comes again is parked once and dead-lettered once', async () => {
    const bad = created(1, 'tok_refused');
    await reacting.take(bad);
    await reacting.take(bad, confirmed(2));
    expect(await parked()).toEqual([`${orderId} REFUSED`, `${orderId} waits`]);
    expect(await reacting.published()).toHaveLength(1);
  });

  it('parks its key in its own topic: what comes of it in another is taken in', async () => {
    const reserved = record('StockReserved', { orderId, lines: [], reservedAt: 1 }, 1);
    await reacting.take(created(1, 'tok_refused'));
    await reacting.take(reserved);
    expect(await counts()).toEqual({ [orderId]: 1 });
    expect(await inbox()).toEqual(
      expect.arrayContaining([
        { topic: 'orders.events', applied: null, published: null, parked: true },
        { topic: 'inventory.events', applied: 1, published: null, parked: false },
      ]),
    );
  });

  it('is a gap in the sequence: what is missing would be a duplicate for ever', async () => {
    await reacting.take(created(1), confirmed(3));
    expect(await parked()).toEqual([`${orderId} SEQUENCE_GAP`]);
    await reacting.take(confirmed(2));
    expect(await parked()).toEqual([`${orderId} SEQUENCE_GAP`, `${orderId} waits`]);
    expect(await counts()).toEqual({ [orderId]: 1 });
  });

  it('without a key holds up nothing; with any bytes for headers it can still be looked at', async () => {
    const bad = created(1);
    await reacting.take(
      { ...bad, key: null, offset: bad.offset + 1_000_000 },
      {
        ...bad,
        headers: { ce_sequence: Buffer.of(0xff, 0), 'na\0me': Buffer.of(0, 1) },
        offset: bad.offset + 2_000_000,
      },
    );
    expect(await parked()).toEqual([' WRONG_KEY', `${orderId} BAD_HEADERS`]);
    await reacting.take(created(1, 'tok_visa', uuidv7()));
    expect(await database.query('SELECT key, sequence FROM messaging.outbox_view')).toHaveLength(3);
  });

  it('has any number of headers', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 70_000 }, (_, index) => [`h${index}`, Buffer.of(1)]),
    );
    await reacting.take({ ...created(1), headers: { ...headers('OrderCreated', 0), ...many } });
    expect(await parked()).toEqual([`${orderId} BAD_HEADERS`]);
    expect(reacting.fatal).toEqual([]);
  });
});

describe('too much poison of our own making', () => {
  const failing = (count: number) => Array.from({ length: count }, () => created(1, 'tok_bug', uuidv7()));
  const isSuspected = () => database.query('SELECT is_suspected FROM messaging.mass_failure');
  beforeEach(() => database.query('UPDATE messaging.mass_failure SET is_suspected = false'));

  it('is not parked, and no message is taken in any more; commands are', async () => {
    void reacting.take(...failing(150));
    await vi.waitFor(() => expect(reacting.halted).toMatchObject([{ code: 'MASS_FAILURE' }]));
    expect(reacting.halted[0]?.failures).toHaveLength(5);
    expect(reacting.halted[0]?.failures[0]).toMatchObject({
      topic: 'orders.events',
      error: { code: 'HANDLER_FAILED', message: expect.stringContaining('cannot read properties') },
    });
    void reacting.take(created(1));
    expect(await reacting.command('note', orderId)).toEqual({ count: 1 });
    expect(await parked()).toEqual([]);
    expect(await reacting.published()).toEqual([]);
    expect(reacting.fatal).toEqual([]);
  });

  it('is remembered by what was parked of it: the same build, started anew, parks a few more at most', async () => {
    await reacting.take(...failing(60));
    expect(await parked()).toHaveLength(60);
    expect(await isSuspected()).toEqual([{ is_suspected: true }]);
    for (let start = 1; start <= 2; start += 1) {
      const again = await createReacting(database, {}, { isSuspected: true });
      for (const message of failing(9)) await again.take(message);
      void again.take(...failing(1));
      await vi.waitFor(() => expect(again.halted).toHaveLength(1));
      expect(await parked()).toHaveLength(60 + 9 * start);
      await again.loop.stop();
    }
  });

  it('is forgotten once a build has taken in twenty messages of which most are well', async () => {
    await database.query('UPDATE messaging.mass_failure SET is_suspected = true');
    const mended = await createReacting(database, {}, { isSuspected: true });
    const wellDone = Array.from({ length: 18 }, () => created(1, 'tok_visa', uuidv7()));
    await mended.take(...failing(2), ...wellDone);
    expect(await isSuspected()).toEqual([{ is_suspected: false }]);
    await mended.loop.stop();
  });
});

describe('a statement that makes no sense', () => {
  it('ends the process, and parks nothing', async () => {
    const broken = await createReacting(database, {
      save: async (db, world) => {
        await db.query('INSERT INTO no_such_table VALUES ($1)', [[...world.changed]]);
      },
    });
    void broken.take(created(), created(1, 'tok_visa', uuidv7()));
    await vi.waitFor(() => expect(broken.fatal).toMatchObject([{ code: 'WRONG_STATEMENT' }]));
    expect(await parked()).toEqual([]);
    await broken.loop.stop();
  });

  it('only since a migration went by is prepared anew', async () => {
    const prepared = await createReacting(database, {
      load: async (db, inputs) => {
        await db.query({ name: 'all', text: 'SELECT * FROM tallies LIMIT 1' });
        return tally.load(db, inputs);
      },
    });
    await prepared.take(created(1));
    await database.query('ALTER TABLE tallies ADD COLUMN note text');
    try {
      await prepared.take(created(2));
    } finally {
      await database.query('ALTER TABLE tallies DROP COLUMN note');
    }
    expect(prepared.outcomes()).toEqual(['applied', 'applied']);
    await prepared.loop.stop();
  });
});
