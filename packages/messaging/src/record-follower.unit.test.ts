import { eventually } from '@skald/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { batchOf, createFakeLogClient, type FakeLogClient } from '../tests/fake-log-client.ts';
import { logger, orderCreated, record } from '../tests/given.ts';
import { PoisonError, TransientError } from './errors.ts';
import { createRecordFollower, type RecordFollower, type RecordFollowerOptions } from './record-follower.ts';

let client: FakeLogClient;
let follower: RecordFollower;
let handled: number[];

const noHeartbeat = async () => undefined;
const topic = 'orders.events';
const records = (...offsets: number[]) =>
  offsets.map((offset) => record('OrderCreated', orderCreated(), 1, { offset }));

beforeEach(() => {
  client = createFakeLogClient();
  handled = [];
});
afterEach(() => follower.stop());

async function follow(options: Partial<RecordFollowerOptions> = {}) {
  follower = createRecordFollower(client, {
    group: 'follower',
    topics: [topic],
    logger,
    handle: async (batch) => {
      handled.push(...batch.map(({ offset }) => offset));
    },
    ...options,
  });
  follower.start();
  await eventually(() => client.handlers.length > 0);
  client.handler.onAssigned([{ topic, partition: 0 }]);
}

describe('a follower', () => {
  it('commits what was handled, after it was handled', async () => {
    let finish = () => {};
    const work = new Promise<void>((resolve) => {
      finish = resolve;
    });
    await follow({ handle: () => work });
    const taken = client.handler.onRecords(batchOf(records(1, 2), 3), noHeartbeat);
    expect(client.commits).toEqual([]);
    finish();
    expect(await taken).toBe(true);
    expect(client.commits).toEqual([`${topic}/0@3`]);
  });

  it('keeps its place in the group while it handles', async () => {
    let beats = 0;
    await follow({ handle: () => eventually(() => beats >= 2).then(() => undefined) });
    await client.handler.onRecords(batchOf(records(1), 2), async () => {
      beats += 1;
    });
    expect(beats).toBeGreaterThanOrEqual(2);
  });

  it('waits an outage out, and hands the same records over again', async () => {
    let attempts = 0;
    await follow({
      into: 'the search engine',
      handle: async (batch) => {
        attempts += 1;
        if (attempts < 3) throw new TransientError('DATABASE_UNAVAILABLE', 'away');
        handled.push(...batch.map(({ offset }) => offset));
      },
    });
    const taken = client.handler.onRecords(batchOf(records(7), 8), noHeartbeat);
    await eventually(() => follower.status().waitingFor === 'the search engine');
    expect(await taken).toBe(true);
    expect(handled).toEqual([7]);
    expect(client.commits).toEqual([`${topic}/0@8`]);
    expect(follower.status().state).toBe('running');
  });

  it('ends for any other error, and commits nothing', async () => {
    await follow({ handle: () => Promise.reject(new PoisonError('WRONG', 'ours')) });
    const taken = client.handler.onRecords(batchOf(records(1), 2), noHeartbeat);
    await expect(follower.failed).rejects.toMatchObject({ code: 'WRONG' });
    await follower.stop();
    expect(await taken).toBe(false);
    expect(client.commits).toEqual([]);
  });

  it('starts a new consumer once the old one has ended', async () => {
    await follow();
    client.handler.onEnded(new Error('the session is over'));
    await eventually(() => client.handlers.length === 2);
    expect(client.open).toBe(1);
  });

  it('waits for Kafka for as long as it takes', async () => {
    client.isAway = true;
    follower = createRecordFollower(client, { group: 'f', topics: [topic], logger, handle: async () => {} });
    follower.start();
    await eventually(() => follower.status().waitingFor === 'Kafka');
    client.isAway = false;
    await eventually(() => client.handlers.length === 1);
  });

  it('that stops finishes what is in its hands', async () => {
    await follow({
      handle: async (batch) => {
        await eventually(() => client.paused > 0);
        handled.push(...batch.map(({ offset }) => offset));
      },
    });
    const taken = client.handler.onRecords(batchOf(records(1), 2), noHeartbeat);
    await follower.stop();
    expect(await taken).toBe(true);
    expect(handled).toEqual([1]);
    expect(client.open).toBe(0);
  });

  it('that lags, waits for nothing and does not move says so', async () => {
    client.ends = [{ topic, partition: 0, offset: 5 }];
    await follow({ watchMs: 5 });
    await expect(follower.failed).rejects.toThrow(/no progress in orders.events\/0/);
  });

  it('that has read everything may rest', async () => {
    client.ends = [{ topic, partition: 0, offset: 5 }];
    client.committed = [{ topic, partition: 0, offset: 5 }];
    let looks = 0;
    const { admin } = client;
    client.admin = () => {
      looks += 1;
      return admin();
    };
    await follow({ watchMs: 2 });
    const hasFailed = follower.failed.then(
      () => false,
      () => true,
    );
    await eventually(() => looks > 6);
    expect(await Promise.race([hasFailed, Promise.resolve('not yet')])).toBe('not yet');
  });

  describe('whose handler knows where it stands', () => {
    const elsewhere = { positions: async () => [{ topic, partition: 0, offset: 40 }] };

    it('reads on from there, and takes nothing that was fetched before', async () => {
      await follow(elsewhere);
      expect(await client.handler.onRecords(batchOf(records(7), 8), noHeartbeat)).toBe(false);
      expect(client.seeks).toEqual([`${topic}/0@40`]);
      expect(await client.handler.onRecords(batchOf(records(40), 41), noHeartbeat)).toBe(true);
      expect(handled).toEqual([40]);
    });

    it('knows of each partition by itself what was fetched before', async () => {
      const both = [0, 1].map((partition) => ({ topic, partition, offset: 40 }));
      await follow({ positions: async () => both });
      client.handler.onAssigned(both);
      const take = (offset: number, partition: number) =>
        client.handler.onRecords(batchOf(records(offset), offset + 1, partition), noHeartbeat);
      expect(await take(7, 0)).toBe(false);
      expect(await take(40, 0)).toBe(true);
      // As it was fetched together with the first one.
      expect(await take(99, 1)).toBe(false);
      expect(await take(40, 1)).toBe(true);
      expect(handled).toEqual([40, 40]);
    });

    it('goes on behind what is passed over in the log', async () => {
      await follow(elsewhere);
      await eventually(() => client.seeks.length > 0);
      client.handler.onSkipped({ topic, partition: 0, nextOffset: 41, endOffset: 42 });
      expect(await client.handler.onRecords(batchOf(records(41), 42), noHeartbeat)).toBe(true);
      expect(handled).toEqual([41]);
    });

    it('asks again with each assignment, and reads what it names no place of as it was committed', async () => {
      let asked = 0;
      await follow({
        positions: async () => {
          asked += 1;
          return [];
        },
      });
      expect(await client.handler.onRecords(batchOf(records(7), 8), noHeartbeat)).toBe(true);
      client.handler.onAssigned([{ topic, partition: 0 }]);
      expect(await client.handler.onRecords(batchOf(records(8), 9), noHeartbeat)).toBe(true);
      expect(asked).toBe(2);
    });

    it('takes nothing in before it is known, however long that takes', async () => {
      let attempts = 0;
      await follow({
        async positions() {
          attempts += 1;
          if (attempts < 3) throw new TransientError('DATABASE_UNAVAILABLE', 'away');
          return elsewhere.positions();
        },
      });
      expect(await client.handler.onRecords(batchOf(records(7), 8), noHeartbeat)).toBe(false);
      expect(attempts).toBe(3);
      expect(handled).toEqual([]);
      expect(follower.status().state).toBe('running');
    });
  });
});
