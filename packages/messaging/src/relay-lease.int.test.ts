import { eventually } from '@skald/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createFakeKafka } from '../tests/fake-publisher.ts';
import { logger } from '../tests/given.ts';
import { createTestDatabase, endConnections, marked, type TestDatabase } from '../tests/infrastructure.ts';
import { createOutboxWriter, pack } from '../tests/outbox-writer.ts';
import { SLOT_SIZE, SLOTS } from './outbox.ts';
import { createRelay } from './relay.ts';
import { acquireLease, type Lease } from './relay-lease.ts';

let database: TestDatabase;
let leases: Lease[];

beforeAll(async () => {
  database = await createTestDatabase();
});
beforeEach(() => {
  leases = [];
  return () => Promise.all(leases.map((lease) => lease.release()));
});
afterAll(() => database.drop());

const acquire = async () => {
  const lease = await acquireLease(database);
  if (lease !== undefined) leases.push(lease);
  return lease;
};
const mustAcquire = async () => {
  const lease = await acquire();
  if (lease === undefined) throw new Error('somebody holds the lease');
  return lease;
};

describe('the lease', () => {
  it('has one holder at a time, also of many that ask at once', async () => {
    const got = await Promise.all(Array.from({ length: 10 }, () => acquire()));
    expect(got.filter((lease) => lease !== undefined)).toHaveLength(1);
    expect(await acquire()).toBeUndefined();
  });

  it('is handed over with the mark, at once', async () => {
    const first = await mustAcquire();
    await first.mark(41);
    await first.release();
    const second = await mustAcquire();
    expect(second.low).toBe(41);
    expect(second.epoch).toBe(first.epoch + 1);
  });

  it('goes with its connection', async () => {
    const first = await mustAcquire();
    await endConnections(`datname = '${database.name}' AND query LIKE 'LISTEN%'`);
    await eventually(() => acquire());
    expect(first.held).toBe(false);
  });

  it('runs out under a holder that sleeps, whose mark is refused from then on', async () => {
    const first = await mustAcquire();
    await database.query("UPDATE messaging.relay SET expires_at = clock_timestamp() - interval '1 ms'");
    const second = await mustAcquire();
    await second.mark(50);
    await expect(first.mark(49)).rejects.toMatchObject({ code: 'LEASE_LOST' });
    expect([first.held, second.held]).toEqual([false, true]);
    // Its goodbye takes nothing away from the one who has come.
    await first.release();
    expect(await acquire()).toBeUndefined();
  });

  it('is kept by marking', async () => {
    const lease = await mustAcquire();
    expect(lease.needsRenewal()).toBe(false);
    await eventually(() => lease.needsRenewal());
    await lease.mark(51);
    expect(lease.needsRenewal()).toBe(false);
  });
});

describe('slots', () => {
  const sizes = async () =>
    (
      await database.query<{ bytes: number }>(
        `SELECT pg_relation_size('messaging.outbox_' || slot) AS bytes FROM generate_series(0, 7) AS slot ORDER BY slot`,
      )
    ).map(({ bytes }) => bytes);

  it('are emptied two behind the mark, and the space comes back, all the way round', {
    timeout: 60_000,
  }, async () => {
    await database.query("UPDATE messaging.relay SET low = 0, expires_at = '-infinity'");
    await database.query("SELECT setval('messaging.outbox_position', 1, false)");
    const kafka = createFakeKafka();
    const relay = createRelay({
      database,
      logger,
      createPublisher: kafka.createPublisher,
      pollMs: 20,
      markMs: 5,
      onPublished: () => undefined,
    });
    const { commit, close } = await createOutboxWriter(database);
    relay.start();
    for (let segment = 0; segment < 2 * SLOTS; segment += 1) {
      await commit({ key: 'a', value: Buffer.alloc(100_000) });
      await commit({ key: 'a', value: String(segment) });
      const count = 2 * (segment + 1);
      await eventually(() => kafka.log.length === count);
      // A slot that is passed unmarked waits for its next turn.
      await eventually(async () => (await marked(database)) > segment * SLOT_SIZE);
      // On to the next slot: positions may be skipped, as those of a rolled back transaction are.
      await database.query(`SELECT setval('messaging.outbox_position', ${(segment + 1) * SLOT_SIZE - 1})`);
    }
    await commit({ key: 'a', value: 'last' });
    await eventually(async () => (await sizes()).filter((bytes) => bytes > 0).length <= 3);
    await relay.stop(1_000);
    await close();
    expect(
      await database.query('SELECT count(*) AS rows FROM messaging.outbox WHERE position < $1', [SLOT_SIZE]),
    ).toEqual([{ rows: 0 }]);
  });

  it('that hold what Kafka has not acknowledged, or that somebody reads, are left alone', async () => {
    const lease = await mustAcquire();
    await database.query('TRUNCATE messaging.outbox');
    await database.query('INSERT INTO messaging.outbox (position, entry) VALUES (5, $1)', [
      pack([{ key: 'a', value: '1' }]),
    ]);
    expect(await lease.clearSlot(0, 4)).toBe(true);
    expect((await sizes())[0]).toBeGreaterThan(0);
    const reader = await database.connect();
    await reader.query('BEGIN; SELECT FROM messaging.outbox_0');
    expect(await lease.clearSlot(0, 5)).toBe(false);
    await reader.query('COMMIT');
    expect(await lease.clearSlot(0, 5)).toBe(true);
    expect((await sizes())[0]).toBe(0);
    await reader.close();
  });
});
