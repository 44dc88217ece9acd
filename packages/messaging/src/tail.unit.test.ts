import { eventually } from '@skald/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { createFakeLogClient } from '../tests/fake-log-client.ts';
import { logger } from '../tests/given.ts';
import type { ConsumedRecord } from './log-client.ts';
import { createTail, type Tail } from './tail.ts';

const record = (offset: number): ConsumedRecord => ({
  topic: 'orders.events',
  partition: 0,
  offset,
  timestamp: 1,
  key: null,
  value: null,
  headers: {},
});
const batch = (...offsets: number[]) => ({
  topic: 'orders.events',
  partition: 0,
  fetchedFrom: 0,
  endOffset: 9,
  records: offsets.map(record),
  nextOffset: (offsets.at(-1) ?? 0) + 1,
});
const settings = { clientId: 'watcher', brokers: [] };
const heartbeat = async () => undefined;

describe('a tail', () => {
  let tail: Tail;
  afterEach(() => tail.stop());

  const begin = () => {
    const client = createFakeLogClient();
    const told: (number | 'begin')[] = [];
    tail = createTail(
      settings,
      {
        topics: ['orders.events'],
        wholeTopics: ['inventory.products'],
        logger,
        onRecords: async (records) => void told.push(...records.map(({ offset }) => offset)),
        onBegin: () => void told.push('begin'),
      },
      client,
    );
    return { client, told };
  };
  const begun = (client: ReturnType<typeof createFakeLogClient>, count: number) =>
    eventually(() => client.handlers.length === count);

  it('tells what comes, and commits nothing', async () => {
    const { client, told } = begin();
    tail.start();
    await begun(client, 1);
    client.handler.onAssigned([{ topic: 'orders.events', partition: 0 }]);
    expect(await client.handler.onRecords(batch(1, 2), heartbeat)).toBe(true);
    expect(told).toEqual(['begin', 1, 2]);
    expect(client.commits).toEqual([]);
    expect(tail.status()).toEqual({ state: 'running' });
  });

  it('waits while Kafka is away, and says that it begins anew: what was missed is not made up for', async () => {
    const { client, told } = begin();
    client.isAway = true;
    tail.start();
    await eventually(() => tail.status().state === 'waiting');
    client.isAway = false;
    await begun(client, 1);
    client.handler.onAssigned([]);
    client.handler.onEnded(new Error('the line broke'));
    await begun(client, 2);
    client.handler.onAssigned([]);
    await client.handler.onRecords(batch(7), heartbeat);
    expect(told).toEqual(['begin', 'begin', 7]);
  });

  it('leaves nothing open when it is stopped, waiting or running', async () => {
    const { client } = begin();
    tail.start();
    await begun(client, 1);
    await tail.stop();
    expect(client.open).toBe(0);
    expect(tail.status()).toEqual({ state: 'stopped' });
  });
});
