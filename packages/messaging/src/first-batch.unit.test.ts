import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFakeLogClient } from '../tests/fake-log-client.ts';
import { createFakeProgress, type FakeProgress } from '../tests/fake-progress.ts';
import { createFakeRegistry } from '../tests/fake-registry.ts';
import { logger, orderCreated, record } from '../tests/given.ts';
import { createCodec } from './codec.ts';
import { createConsumer } from './consumer.ts';
import type { ConsumedRecord } from './log-client.ts';
import type { Progress } from './progress.ts';

const topic = 'orders.events';

/** A service's partitions, of which processes read one after the other, each until it dies or is at the end. */
interface Scene {
  readonly records: readonly (readonly ConsumedRecord[])[];
  /** Offsets, by partition, that end the process that decodes them. */
  readonly deadly: ReadonlySet<string>;
  /** How many records a fetch brings of each partition. */
  readonly fetch: number;
  readonly progress: FakeProgress;
  readonly committed: number[];
  /** `partition@offset` of what was parked undecoded, and of what was taken in. */
  readonly parked: string[];
  readonly taken: Set<string>;
  /** The largest number of records that were handed on at once, by process. */
  readonly together: number[];
  processes: number;
}

const at = (partition: number, offset: number) => `${partition}@${offset}`;

function createScene(partitions: readonly number[], deadly: readonly string[], fetch: number): Scene {
  return {
    records: partitions.map((count, partition) =>
      Array.from({ length: count }, (_, offset) =>
        record('OrderCreated', orderCreated(), 1, { partition, offset, value: null }),
      ),
    ),
    deadly: new Set(deadly),
    fetch,
    progress: createFakeProgress(),
    committed: partitions.map(() => 0),
    parked: [],
    taken: new Set(),
    together: [],
    processes: 0,
  };
}

/**
 * One process, until it dies or has read everything. `killAt`: it is killed at this many steps (a word with the database,
 * a record done). Answers whether it has died.
 */
async function live(scene: Scene, killAt = Number.POSITIVE_INFINITY): Promise<boolean> {
  scene.processes += 1;
  const name = `process-${scene.processes}`;
  const client = createFakeLogClient();
  let steps = 0;
  let isDead = false;
  let died: () => void = () => undefined;
  const death = new Promise<void>((resolve) => {
    died = resolve;
  });
  const die = () => {
    isDead = true;
    scene.progress.die(name);
    died();
  };
  const step = () => {
    steps += 1;
    if (steps >= killAt) die();
  };
  const inner = scene.progress.of(name);
  const stepping =
    <Arguments extends unknown[], Result>(act: (...args: Arguments) => Promise<Result>) =>
    async (...args: Arguments) => {
      step();
      const result = await act(...args);
      step();
      return result;
    };
  const progress: Progress = {
    begin: stepping(inner.begin),
    takeAlone: stepping(inner.takeAlone),
    letGo: stepping(inner.letGo),
    made: stepping(inner.made),
    release: inner.release,
  };
  let most = 0;
  const consumer = createConsumer({
    client,
    group: 'payment',
    topics: [topic],
    reactor: {},
    codec: createCodec(createFakeRegistry()),
    logger,
    progress,
    loop: {
      waiting: 0,
      turn: undefined,
      heldUpBy: undefined,
      add(items) {
        most = Math.max(most, items.length);
        for (const item of items) {
          if (item.kind !== 'message' || isDead) continue;
          const place = at(item.record.partition, item.record.offset);
          const isGuilty =
            item.reading.result === 'failed' && item.reading.error.code === 'CRASHED_THE_PROCESS';
          if (isGuilty) scene.parked.push(place);
          else if (scene.deadly.has(place)) return die();
          else scene.taken.add(place);
          step();
          if (isDead) return;
          item.done();
        }
      },
    },
    onLag: () => undefined,
    onWedged: () => undefined,
  });
  consumer.start();
  await new Promise((resolve) => setImmediate(resolve));
  const partitions = scene.committed.map((_, partition) => ({ topic, partition }));
  client.handler.onAssigned(partitions);
  const next = [...scene.committed];
  const noteCommits = () => {
    for (const commit of client.commits.splice(0)) {
      const [, partition, offset] = /\/(\d+)@(\d+)$/.exec(commit) ?? [];
      scene.committed[Number(partition)] = Math.max(scene.committed[Number(partition)] ?? 0, Number(offset));
    }
  };
  const fetchOnce = () =>
    Promise.all(
      scene.records.map(async (all, partition) => {
        const from = next[partition] ?? 0;
        const records = all.slice(from, from + scene.fetch);
        if (records.length === 0) return;
        const nextOffset = from + records.length;
        const batch = { topic, partition, records, fetchedFrom: 0, nextOffset, endOffset: all.length };
        if (await client.handler.onRecords(batch, async () => undefined)) next[partition] = nextOffset;
      }),
    );
  while (!isDead && next.some((offset, partition) => offset < (scene.records[partition]?.length ?? 0))) {
    await Promise.race([fetchOnce(), death]);
  }
  noteCommits();
  scene.together.push(most);
  await consumer.stop();
  if (!isDead) noteCommits();
  return isDead;
}

describe('a message that ends the process that decodes it', () => {
  it('is parked undecoded at the sixth start: two crashes together, one among a few, two alone', async () => {
    const scene = createScene([130], ['0@63'], 130);
    const deaths = [];
    for (let start = 1; start <= 6; start += 1) deaths.push(await live(scene));
    expect(deaths).toEqual([true, true, true, true, true, false]);
    expect(scene.parked).toEqual(['0@63']);
    expect(scene.taken.size).toBe(129);
    expect(scene.together).toEqual([130, 130, 50, 1, 1, 50]);
  });

  it('is parked at the fifth, where it comes without company', async () => {
    const scene = createScene([1], ['0@0'], 1);
    for (let start = 1; start <= 4; start += 1) expect(await live(scene)).toBe(true);
    expect(await live(scene)).toBe(false);
    expect(scene.parked).toEqual(['0@0']);
  });

  it('takes no other one with it, wherever it lies and whatever else is read', {
    timeout: 120_000,
  }, async () => {
    const partitions = fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 1, maxLength: 3 });
    const cases = fc.record({
      partitions,
      fetch: fc.integer({ min: 1, max: 8 }),
      seed: fc.array(fc.nat(), { maxLength: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ partitions: counts, fetch, seed }) => {
        const all = counts.flatMap((count, partition) =>
          Array.from({ length: count }, (_, offset) => at(partition, offset)),
        );
        const deadly = [...new Set(all.length === 0 ? [] : seed.map((n) => all[n % all.length] ?? ''))];
        const scene = createScene(counts, deadly, fetch);
        for (let start = 0; await live(scene); start += 1)
          expect(start).toBeLessThan(6 * (deadly.length + 1));
        expect(new Set(scene.parked)).toEqual(new Set(deadly));
        expect(scene.taken.size).toBe(all.length - deadly.length);
        expect(scene.committed).toEqual(counts);
      }),
      { numRuns: 40 },
    );
  });
});

describe('a healthy process', () => {
  it('that is killed three times in a row, at any three moments, has nothing parked', {
    timeout: 120_000,
  }, async () => {
    const moments = fc.array(fc.integer({ min: 1, max: 24 }), { minLength: 3, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(moments, async (kills) => {
        const scene = createScene([4, 3], [], 3);
        for (const kill of kills) await live(scene, kill);
        await live(scene);
        expect(scene.parked).toEqual([]);
        expect(scene.taken.size).toBe(7);
        expect(scene.committed).toEqual([4, 3]);
      }),
      { numRuns: 60 },
    );
  });

  it('says so once for each partition before it begins, and once when it is under way', async () => {
    const scene = createScene([30, 30], [], 2);
    const said: string[] = [];
    const spied = scene.progress.of.bind(scene.progress);
    const progress = {
      ...scene.progress,
      of(instance: string) {
        const inner = spied(instance);
        const telling =
          <Arguments extends unknown[], Result>(word: string, act: (...args: Arguments) => Promise<Result>) =>
          (...args: Arguments) => {
            said.push(word);
            return act(...args);
          };
        return {
          begin: telling('begin', inner.begin),
          takeAlone: telling('takeAlone', inner.takeAlone),
          letGo: telling('letGo', inner.letGo),
          made: telling('made', inner.made),
          release: inner.release,
        };
      },
    };
    expect(await live({ ...scene, progress })).toBe(false);
    expect(said).toEqual(['begin', 'begin', 'made', 'made']);
  });
});
