import { randomUUID } from 'node:crypto';
import { eventually } from '@skald/testkit';
import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { logger, orderCreated, record } from '../tests/given.ts';
import { createTestDatabase, endConnections, type TestDatabase } from '../tests/infrastructure.ts';
import { createReacting, type Reacting } from '../tests/reacting.ts';
import { tally } from '../tests/tally.ts';
import { adoptEffects, forgottenEffects, startEffects } from './effect-store.ts';
import { createLiveness, type Liveness } from './liveness.ts';

let database: TestDatabase;
let reacting: Reacting;
let orderId: string;

beforeAll(async () => {
  database = await createTestDatabase();
});
beforeEach(async () => {
  await database.query(
    'TRUNCATE tallies, messaging.inbox, messaging.outbox, messaging.effects, messaging.instances',
  );
  reacting = await createReacting(database);
  orderId = uuidv7();
  return () => reacting.loop.stop();
});
afterAll(() => database.drop());

const created = (paymentMethod = 'tok_visa', id = orderId) =>
  record('OrderCreated', orderCreated({ orderId: id, paymentMethod }), 1);
const effects = () => database.query('SELECT id, state, owner, data FROM messaging.effects');
const total = async () =>
  (await database.query<{ total: number }>('SELECT sum(count)::int8 AS total FROM tallies'))[0]?.total;
const names = async () => (await reacting.published()).map(({ name }) => name);
const charge = () => ({ effect: { kind: 'charge', id: orderId }, key: orderId });

describe('a command', () => {
  it('is answered with the reply, once it is committed', async () => {
    expect(await reacting.command('note', orderId)).toEqual({ count: 1 });
    expect(await total()).toBe(1);
  });

  it('that is refused leaves no trace, and those beside it do not notice', async () => {
    const [refused, accepted] = await Promise.allSettled([
      reacting.command('fail', orderId),
      reacting.command('note', uuidv7()),
    ]);
    expect(refused).toMatchObject({ status: 'rejected', reason: { message: 'no such order' } });
    expect(accepted).toMatchObject({ status: 'fulfilled', value: { count: 1 } });
    expect(await total()).toBe(1);
    expect(await reacting.published()).toEqual([]);
  });
});

describe('an effect', () => {
  it('is saved with the state, owned by this instance, and gone once its outcome is taken in', async () => {
    await reacting.take(created('tok_charge'));
    expect(await effects()).toEqual([
      { id: orderId, state: 'waiting', owner: reacting.instance, data: { orderId } },
    ]);
    expect(reacting.reports.flatMap((report) => report.effects)).toMatchObject([
      { kind: 'charge', id: orderId },
    ]);
    await reacting.outcome(charge(), 'charge-7');
    expect(await effects()).toEqual([]);
    expect(await names()).toEqual(['PaymentCompleted']);
  });

  it('has one outcome: a second is dropped, in the same batch and later', async () => {
    await reacting.take(created('tok_charge'));
    await Promise.all([
      // The others wait for it, and share the next transaction.
      reacting.command('note', orderId),
      reacting.outcome(charge(), 'charge-7'),
      reacting.outcome(charge(), 'charge-8'),
    ]);
    await reacting.outcome(charge(), 'charge-9');
    expect(await names()).toEqual(['PaymentCompleted']);
    expect(await total()).toBe(3);
  });

  it('is told from one of another kind with the same id', async () => {
    await reacting.take(created('tok_charge'));
    await reacting.outcome({ effect: { kind: 'refund', id: orderId }, key: orderId }, 'refund-7');
    expect(await effects()).toHaveLength(1);
    expect(await names()).toEqual([]);
  });

  it('of an id that is open already is dropped', async () => {
    await reacting.take(created('tok_charge'));
    await database.query('TRUNCATE messaging.inbox');
    await reacting.take(created('tok_charge'));
    expect(await effects()).toHaveLength(1);
    expect(reacting.reports.map((report) => report.effects.length)).toEqual([1, 0]);
  });
});

describe('effects whose owner', () => {
  let other: Liveness;
  const otherId = randomUUID();

  beforeEach(async () => {
    await reacting.take(created('tok_charge'));
    await database.query('UPDATE messaging.effects SET owner = $1', [otherId]);
    other = createLiveness(database, otherId, logger);
    await other.start();
    return () => other.stop();
  });
  const adopted = async () => (await adoptEffects(database, reacting.instance, 10)).map(({ id }) => id);

  it('lives are left alone, also by a role that may not look into the sessions of others', async () => {
    expect(await adopted()).toEqual([]);
    const role = await database.query<{ rolsuper: boolean }>(
      'SELECT rolsuper FROM pg_roles WHERE rolname = current_user',
    );
    expect(role).toEqual([{ rolsuper: false }]);
  });

  it('has said goodbye are taken over, and it can begin none of them any more', async () => {
    await other.stop();
    expect(await adopted()).toEqual([orderId]);
    expect(await startEffects(database, 'charge', [orderId], otherId)).toEqual([]);
    expect(await startEffects(database, 'charge', [orderId], reacting.instance)).toEqual([orderId]);
  });

  it('has lost its connection are taken over', async () => {
    await endConnections(`datname = '${database.name}' AND query LIKE '%messaging.instances%'`);
    // Ended, not only told to end.
    await eventually(
      async () => (await database.query('SELECT id FROM messaging.live_instances')).length === 0,
    );
    expect(await adopted()).toEqual([orderId]);
  });

  it('is paused are taken over: its connection is there, but it has not been seen for long', async () => {
    await other.stop();
    await database.query(
      `INSERT INTO messaging.instances (id, backend_pid, backend_start, seen_at)
       SELECT $1, pid, backend_start, now() - interval '11 s' FROM pg_stat_activity WHERE pid = pg_backend_pid()`,
      [otherId],
    );
    expect(await adopted()).toEqual([orderId]);
  });

  it('is ourselves, and that we never heard of, are found after some seconds', async () => {
    const forgotten = async () => (await forgottenEffects(database, otherId, 10)).map(({ id }) => id);
    expect(await forgotten()).toEqual([]);
    await database.query(`UPDATE messaging.effects SET created_at = created_at - interval '6 s'`);
    expect(await forgotten()).toEqual([orderId]);
  });
});

describe('two instances', () => {
  it('that read the same messages at once apply each once', async () => {
    const second = await createReacting(database);
    const messages = Array.from({ length: 200 }, () => created('tok_visa', uuidv7()));
    const reversed = [...messages].reverse();
    await Promise.all([
      ...messages.map((message) => reacting.take(message)),
      ...reversed.map((message) => second.take(message)),
    ]);
    expect(await total()).toBe(200);
    expect(await reacting.published()).toHaveLength(200);
    const outcomes = [...reacting.outcomes(), ...second.outcomes()].sort();
    expect(outcomes.filter((outcome) => outcome === 'applied')).toHaveLength(200);
    expect(outcomes.filter((outcome) => outcome === 'duplicate')).toHaveLength(200);
    await second.loop.stop();
  });

  it('that deadlock both get there, and nothing is parked', { timeout: 30_000 }, async () => {
    await database.query("INSERT INTO tallies VALUES ('x', 0), ('y', 0)");
    let locked = 0;
    const locking = (...keys: readonly string[]) =>
      createReacting(database, {
        async load(db, inputs) {
          for (const key of keys) {
            await db.query('UPDATE tallies SET count = count + 1 WHERE order_id = $1', [key]);
            locked += 1;
            // Each has its first before any asks for its second.
            await eventually(() => locked >= 2);
          }
          return tally.load(db, inputs);
        },
      });
    const [one, other] = [await locking('x', 'y'), await locking('y', 'x')];
    await Promise.all([one.take(created('tok_visa', uuidv7())), other.take(created('tok_visa', uuidv7()))]);
    expect([...one.outcomes(), ...other.outcomes()]).toEqual(['applied', 'applied']);
    expect(await total()).toBe(2 + 4);
    await Promise.all([one.loop.stop(), other.loop.stop()]);
  });
});

describe('a connection that is lost', () => {
  const ended = () => endConnections(`application_name = 'test' AND pid <> pg_backend_pid()`);

  it('in the middle of a transaction: all of it is done again, once', async () => {
    let isFirst = true;
    const unlucky = await createReacting(database, {
      async load(db, inputs) {
        const world = await tally.load(db, inputs);
        if (isFirst) {
          isFirst = false;
          await ended();
        }
        return world;
      },
    });
    await unlucky.take(created(), created('tok_visa', uuidv7()));
    expect(await total()).toBe(2);
    expect(unlucky.fatal).toEqual([]);
    await unlucky.loop.stop();
  });

  it('is nobody business once load has failed by itself: no rejection is left unhandled', async () => {
    const failing = await createReacting(database, {
      load(db) {
        void db.query('SELECT pg_sleep(0.05)');
        void db.query('SELECT 1 / 0');
        throw new TypeError('load is broken');
      },
    });
    await failing.take(created());
    expect(failing.outcomes()).toEqual(['NOT_SAVED']);
    await failing.loop.stop();
  });
});
