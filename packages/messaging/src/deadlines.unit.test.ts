import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFakeConnection } from '../tests/fake-connection.ts';
import { createFakeLogClient, type FakeLogClient } from '../tests/fake-log-client.ts';
import { logger } from '../tests/given.ts';
import { createDeadlineWorker, type DeadlineWorker } from './deadlines.ts';

const GRACE_MS = 1_000;
const events = { topic: 'orders.events', partition: 0 };
let client: FakeLogClient;
let now: number;
let isHealthy: boolean;
/** Deadlines by key, epoch ms. */
let deadlines: Map<string, number>;
let fired: string[];
let asked: number;
let worker: DeadlineWorker;

beforeEach(() => {
  client = createFakeLogClient();
  client.ends = [{ ...events, offset: 10 }];
  client.committed = [{ ...events, offset: 10 }];
  now = 0;
  isHealthy = true;
  deadlines = new Map([['late', 500]]);
  fired = [];
  asked = 0;
  worker = createDeadlineWorker(
    {
      group: 'order',
      topics: ['orders.events'],
      graceMs: GRACE_MS,
      async due(_db, at) {
        asked += 1;
        return [...deadlines]
          .filter(([, when]) => when <= at)
          .map(([key]) => ({ name: 'expire', key, data: {} }));
      },
    },
    {
      client,
      database: createFakeConnection(),
      logger,
      clock: () => now,
      isHealthy: () => {
        looks += 1;
        return isHealthy;
      },
      async submit({ key }) {
        fired.push(key);
        deadlines.delete(key);
      },
      tickMs: 5,
    },
  );
  worker.start();
});
afterEach(() => worker.stop());

let looks = 0;
/** Long enough to have done whatever there is to do. */
const someLooks = async () => {
  const from = looks;
  await vi.waitFor(() => expect(looks).toBeGreaterThan(from + 5));
};

describe('a deadline', () => {
  it('that has passed fires once, when the grace is over and everything is read', async () => {
    await someLooks();
    expect([asked, fired]).toEqual([0, []]);
    now = GRACE_MS;
    await vi.waitFor(() => expect(fired).toEqual(['late']));
    await someLooks();
    expect(fired).toEqual(['late']);
  });

  it('waits until what was published before it was found due has been read, to the last record', async () => {
    client.committed = [{ ...events, offset: 9 }];
    now = GRACE_MS;
    await someLooks();
    expect(fired).toEqual([]);
    // What comes later need not be waited for.
    client.ends = [{ ...events, offset: 50 }];
    client.committed = [{ ...events, offset: 10 }];
    await vi.waitFor(() => expect(fired).toEqual(['late']));
  });

  it('that was met by what was read meanwhile does not fire', async () => {
    client.committed = [{ ...events, offset: 3 }];
    now = GRACE_MS;
    await someLooks();
    deadlines.clear();
    client.committed = [{ ...events, offset: 10 }];
    await someLooks();
    expect(fired).toEqual([]);
  });

  it('that passes while others wait for the barrier waits for one of its own', async () => {
    client.committed = [{ ...events, offset: 3 }];
    now = GRACE_MS;
    await someLooks();
    deadlines.set('later', GRACE_MS + 1);
    now = GRACE_MS + 10;
    client.ends = [{ ...events, offset: 20 }];
    client.committed = [{ ...events, offset: 10 }];
    await vi.waitFor(() => expect(fired).toEqual(['late']));
    await someLooks();
    expect(fired).toEqual(['late']);
    client.committed = [{ ...events, offset: 20 }];
    await vi.waitFor(() => expect(fired).toEqual(['late', 'later']));
  });

  it('has its whole grace again after an outage', async () => {
    isHealthy = false;
    now = 10 * GRACE_MS;
    await someLooks();
    isHealthy = true;
    await someLooks();
    now += GRACE_MS - 1;
    await someLooks();
    expect(fired).toEqual([]);
    now += 1;
    await vi.waitFor(() => expect(fired).toEqual(['late']));
  });

  it('does not fire while nobody can tell what there is to read', async () => {
    client.isAway = true;
    now = GRACE_MS;
    await someLooks();
    expect(fired).toEqual([]);
    client.isAway = false;
    now += GRACE_MS;
    await vi.waitFor(() => expect(fired).toEqual(['late']));
    await worker.stop();
    expect(client.open).toBe(0);
  });

  it('of a partition that holds nothing, or is not committed, needs no reading', async () => {
    client.ends = [{ ...events, offset: 0 }];
    client.committed = [{ ...events, offset: -1 }];
    now = GRACE_MS;
    await vi.waitFor(() => expect(fired).toEqual(['late']));
  });
});
