import { eventually } from '@skald/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { applied, createFakeKafka, type FakeKafka } from '../tests/fake-publisher.ts';
import { logger } from '../tests/given.ts';
import { createTestDatabase, endConnections, marked, type TestDatabase } from '../tests/infrastructure.ts';
import { createOutboxWriter, type OutboxWriter, pack } from '../tests/outbox-writer.ts';
import { insertEntry } from './outbox.ts';
import { createRelay, type Relay, type RelayOptions } from './relay.ts';
import { BELL_CHANNEL } from './relay-lease.ts';

let database: TestDatabase;
let kafka: FakeKafka;
let relays: Relay[];
let writers: OutboxWriter[];

beforeAll(async () => {
  database = await createTestDatabase();
});
beforeEach(async () => {
  await database.query('TRUNCATE messaging.outbox, messaging.inbox');
  await database.query("SELECT setval('messaging.outbox_position', 1, false)");
  await database.query("UPDATE messaging.relay SET low = 0, expires_at = '-infinity'");
  kafka = createFakeKafka();
  relays = [];
  writers = [];
});
afterEach(async () => {
  kafka.isAway = false;
  kafka.onArrived = () => undefined;
  await Promise.all([
    ...relays.map((relay) => relay.stop(1_000)),
    ...writers.map((writer) => writer.close()),
  ]);
  expect(kafka.openPublishers).toBe(0);
});
afterAll(() => database.drop());

const start = (options: Partial<RelayOptions> = {}): Relay => {
  const relay = createRelay({
    database,
    logger,
    createPublisher: kafka.createPublisher,
    pollMs: 50,
    onPublished: () => undefined,
    ...options,
  });
  relays.push(relay);
  relay.start();
  return relay;
};
const writer = async () => {
  const created = await createOutboxWriter(database);
  writers.push(created);
  return created;
};
const lastPosition = async () =>
  (await database.query<{ last: number }>('SELECT last_value AS last FROM messaging.outbox_position'))[0]
    ?.last;
const published = (count: number) => eventually(() => kafka.log.length >= count);

/** Several writers at once; each key's values are its versions, and now and then one is rolled back. */
async function writeAll(keys: number, versions: number): Promise<void> {
  const all = await Promise.all(Array.from({ length: keys }, () => writer()));
  await Promise.all(
    all.map(async ({ commit, rollBack }, index) => {
      const key = `k${index}`;
      for (let version = 1; version <= versions; version += 1) {
        if (version % 7 === index) await rollBack({ key, value: 'never' });
        await commit({ key, value: String(version) });
      }
    }),
  );
}
const expectAll = (keys: number, versions: number) => {
  const { versions: seen, gaps } = applied(kafka.log);
  expect(gaps).toEqual([]);
  expect([...seen.values()]).toEqual(Array.from({ length: keys }, () => versions));
  expect(kafka.log.join()).not.toContain('never');
};

describe('the relay', () => {
  it('brings every committed entry once, each key in order, and nothing that was rolled back', async () => {
    const relay = start();
    await writeAll(5, 40);
    await published(200);
    expect(kafka.log).toHaveLength(200);
    expectAll(5, 40);
    await eventually(async () => (await marked(database)) === (await lastPosition()));
    expect(relay.pending).toBe(0);
  });

  it('waits for a transaction that drew its position first and commits last, however new it is', async () => {
    start();
    const [older, newer] = [await writer(), await writer()];
    await older.connection.query('BEGIN');
    await older.connection.query('SELECT pg_current_xact_id()');
    await newer.connection.query('BEGIN');
    await newer.connection.query('SELECT pg_current_xact_id()');
    const insert = (key: string) =>
      [`INSERT INTO messaging.outbox (entry) VALUES ($1)`, [pack([{ key, value: '1' }])]] as const;
    await newer.connection.query(...insert('newer'));
    await older.connection.query(...insert('older'));
    await older.connection.query('COMMIT');
    await published(1);
    // Looked at again and again meanwhile: it is still there, and the mark waits for it.
    await eventually(async () => (await lastPosition()) === 2);
    await writeAll(1, 5);
    await published(6);
    expect(await marked(database)).toBe(0);
    await newer.connection.query('COMMIT');
    await published(7);
    expect(kafka.log.at(-1)).toBe('newer:1');
    await eventually(async () => (await marked(database)) === (await lastPosition()));
  });

  it('is woken by the bell of another process', async () => {
    start({ pollMs: 60_000 });
    await eventually(() => relays[0]?.active);
    const { commit } = await writer();
    await commit({ key: 'a', value: '1' });
    await eventually(async () => {
      await database.query('SELECT pg_notify($1, $2)', [BELL_CHANNEL, '']);
      return kafka.log.length === 1;
    });
  });

  it('looks again where a gap is open: nobody rings for a transaction that was rolled back', async () => {
    const relay = start({ pollMs: 60_000 });
    await eventually(() => relay.active);
    const [open, other] = [await writer(), await writer()];
    await open.connection.query('BEGIN');
    await insertEntry(open.connection, pack([{ key: 'never', value: '1' }]));
    await other.commit({ key: 'a', value: '1' });
    await database.query('SELECT pg_notify($1, $2)', [BELL_CHANNEL, '']);
    await published(1);
    await open.connection.query('ROLLBACK');
    await eventually(async () => (await marked(database)) === (await lastPosition()));
  });

  it('tells since when nothing could be published, and forgets it when that is over', async () => {
    const relay = start();
    await eventually(() => relay.active);
    kafka.isAway = true;
    const { commit } = await writer();
    await commit({ key: 'a', value: '1' });
    await eventually(() => relay.blockedSince !== undefined);
    kafka.isAway = false;
    await published(1);
    await eventually(() => relay.blockedSince === undefined);
  });
});

describe('a relay that dies', () => {
  it('between publish and mark: another sends again what was not marked, and nothing is lost', async () => {
    let deaths = 0;
    kafka.onArrived = async () => {
      if (deaths === 3) return;
      deaths += 1;
      const [holder] = await database.query<{ pid: number }>(
        'SELECT backend_pid AS pid FROM messaging.relay',
      );
      await endConnections(`pid = ${holder?.pid}`);
    };
    start();
    start();
    await writeAll(4, 20);
    await eventually(
      () => [...applied(kafka.log).versions.values()].filter((last) => last === 20).length === 4,
    );
    expectAll(4, 20);
    expect(deaths).toBe(3);
    expect(kafka.log.length).toBeGreaterThan(80);
  });

  it('in its sleep: who has taken over goes on, and what is sent late is known by its version', async () => {
    start();
    const { commit } = await writer();
    let arrived: () => void = () => undefined;
    const lateAcknowledgement = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    kafka.onArrived = () => lateAcknowledgement;
    await commit({ key: 'a', value: '1' });
    await published(1);
    // As if its time had run out, and another had come: the one that sends finds out by its next mark.
    await database.query("UPDATE messaging.relay SET expires_at = '-infinity', epoch = epoch + 1");
    kafka.onArrived = () => undefined;
    start();
    await commit({ key: 'a', value: '2' });
    await eventually(() => applied(kafka.log).versions.get('a') === 2);
    arrived();
    await commit({ key: 'a', value: '3' });
    await eventually(() => applied(kafka.log).versions.get('a') === 3);
    expect(applied(kafka.log).gaps).toEqual([]);
    expect(kafka.log.filter((record) => record === 'a:1').length).toBeGreaterThan(1);
    await eventually(() => relays.filter((relay) => relay.active).length === 1);
  });
});

describe('a stop', () => {
  it('publishes what is committed, and hands over at once', async () => {
    const first = start({ pollMs: 60_000 });
    await eventually(() => first.active);
    const { commit } = await writer();
    await commit({ key: 'a', value: '1' });
    await first.stop(5_000);
    expect(kafka.log).toEqual(['a:1']);
    expect(await marked(database)).toBe(1);
    // Free, and not merely run out in a while.
    expect(await database.query('SELECT FROM messaging.relay WHERE expires_at > now()')).toEqual([]);
    const second = start();
    await eventually(() => second.active);
  });

  it('with Kafka away ends in its time, and leaves everything to the next one', async () => {
    const relay = start();
    await eventually(() => relay.active);
    kafka.isAway = true;
    const { commit } = await writer();
    await commit({ key: 'a', value: '1' });
    await eventually(() => relay.pending === 1);
    const begun = performance.now();
    await relay.stop(100);
    expect(performance.now() - begun).toBeLessThan(2_000);
    expect(await marked(database)).toBe(0);
    kafka.isAway = false;
    start();
    await published(1);
  });
});

describe('an entry of our own', () => {
  it('is sent without a look, and one that is in the way of others is found by one', async () => {
    const relay = start({ pollMs: 60_000 });
    await eventually(() => relay.active);
    const entry = (version: string) => pack([{ key: 'own', value: version }]);
    relay.offer({ position: 1, entry: entry('1') });
    await published(1);
    // Position 2 is somebody else's: a look finds it, and ours as well.
    const { commit } = await writer();
    await database.query("SELECT nextval('messaging.outbox_position')");
    await commit({ key: 'else', value: '1' });
    await commit({ key: 'own', value: '2' });
    relay.offer({ position: 3, entry: entry('2') });
    await published(3);
    expect(kafka.log).toEqual(['own:1', 'else:1', 'own:2']);
  });

  it('that fills a gap, behind what is sent already, is looked for at once', async () => {
    const relay = start({ pollMs: 60_000 });
    await eventually(() => relay.active);
    const [first, second] = [await writer(), await writer()];
    const late = pack([{ key: 'late', value: '1' }]);
    await first.connection.query('BEGIN');
    await insertEntry(first.connection, late);
    await second.commit({ key: 'early', value: '1' });
    relay.offer({ position: 2, entry: pack([{ key: 'early', value: '1' }]) });
    await published(1);
    await first.connection.query('COMMIT');
    relay.offer({ position: 1, entry: late });
    await published(2);
    expect(kafka.log).toEqual(['early:1', 'late:1']);
  });
});
