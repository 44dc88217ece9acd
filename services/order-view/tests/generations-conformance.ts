import type { OrderReadModel } from '@skald/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrderGenerations } from '../src/order-generations.ts';
import type { Change, OrderStore } from '../src/order-store.ts';
import { modelNumber } from './given.ts';

export interface GenerationsUnderTest {
  /** Of whoever reads and writes the live generation. */
  readonly store: OrderStore;
  readonly generations: OrderGenerations;
  /** Changes what the live generation says of an order, in the same version. */
  tamper(orderId: string): Promise<void>;
  close(): Promise<void>;
}

const change = (model: OrderReadModel, offset: number, partition = 0): Change => ({
  partition,
  offset,
  model,
});
const atOnce = async () => undefined;

/** Every store that can be rebuilt passes it. */
export function describeOrderGenerations(name: string, open: () => Promise<GenerationsUnderTest>): void {
  describe(`generations of orders in ${name}`, () => {
    let under: GenerationsUnderTest;
    let store: OrderStore;
    let generations: OrderGenerations;
    const models = [1, 2, 3].map((number) => modelNumber(number));
    const idOf = (number: number) => modelNumber(number).orderId;
    const states = async () => (await generations.list()).map(({ number, state }) => [number, state]);
    /** As a rebuild does it: filled, and told where the live one stands. */
    const build = async (told: readonly OrderReadModel[] = models, next = 13) => {
      const number = await generations.create();
      const built = generations.open(number);
      await built.fill(told);
      await built.upsert([], 0, next);
      await built.settle();
      return { number, built };
    };
    const found = async () =>
      (await store.search({ filter: {}, sort: 'oldest', limit: 100 })).map(({ orderId }) => orderId);

    beforeAll(async () => {
      under = await open();
      ({ store, generations } = under);
      await store.upsert(
        models.map((model, index) => change(model, 10 + index)),
        0,
        13,
      );
    });
    afterAll(() => under.close());

    it('begin with a live one', async () => {
      expect(await states()).toEqual([[1, 'live']]);
      expect((await generations.list())[0]).toMatchObject({ liveSince: expect.any(Number) });
    });

    it('are built beside it, unseen, and found the same where they are', async () => {
      const { number } = await build();
      expect(await states()).toEqual([
        [1, 'live'],
        [2, 'building'],
      ]);
      const { hashes, ...rest } = await generations.compare(number);
      expect(rest).toEqual({ orders: 3, inMotion: 0, differences: 0, examples: [] });
      expect(hashes.live).toBe(hashes.rebuilt);
      expect(hashes.live).toMatch(/^[0-9a-f]{16}$/);
      await generations.drop(number);
      expect(await states()).toEqual([[1, 'live']]);
      await generations.drop(number);
      await expect(generations.drop(1)).rejects.toThrow('live');
    });

    it('differ where an order is missing, or says something else in the same version', async () => {
      const other = modelNumber(3, { status: 'CONFIRMED' });
      const { number } = await build([modelNumber(2), other, modelNumber(4)]);
      const { hashes, ...rest } = await generations.compare(number);
      expect(rest).toEqual({
        orders: 4,
        inMotion: 0,
        differences: 3,
        examples: [
          { orderId: idOf(1), live: 1, rebuilt: null },
          { orderId: idOf(3), live: 1, rebuilt: 1 },
          { orderId: idOf(4), live: null, rebuilt: 1 },
        ],
      });
      expect(hashes.live).not.toBe(hashes.rebuilt);
      await generations.drop(number);
    });

    it('do not differ in what only one of them can have been told of yet; where both were, they do', async () => {
      const { number, built } = await build();
      const newer = modelNumber(1, { version: 2 });
      await store.upsert([change(newer, 13)], 0, 14);
      expect(await generations.compare(number)).toMatchObject({ orders: 2, inMotion: 1, differences: 0 });
      const since = new Map([[0, 13]]);
      expect(await generations.compare(number, since)).toMatchObject({ orders: 0, inMotion: 1 });
      await built.upsert([], 0, 14);
      const lost = { orderId: idOf(1), live: 2, rebuilt: 1 };
      expect(await generations.compare(number, since)).toMatchObject({
        orders: 1,
        inMotion: 0,
        differences: 1,
        examples: [lost],
      });
      await built.upsert([change(newer, 13)], 0, 14);
      await built.upsert([change(modelNumber(2, { version: 2 }), 14)], 0, 15);
      expect(await generations.compare(number)).toMatchObject({ orders: 2, inMotion: 1, differences: 0 });
      await generations.drop(number);
    });

    it('take a place from the live one, move it where what they know is published later, and keep what they know', async () => {
      const ahead = modelNumber(2, { version: 2 });
      const known = await store.get(idOf(1));
      const { number, built } = await build([known ?? modelNumber(1), ahead, modelNumber(3)], 14);
      await built.upsert([change(ahead, 14), change(modelNumber(3), 4)], 0, 15);
      await store.upsert([change(ahead, 14)], 0, 15);
      await generations.switchTo(number, atOnce);
      expect(await states()).toEqual([
        [1, 'kept'],
        [number, 'live'],
      ]);
      const places = await store.changes(new Map(), 10);
      expect(places.map(({ offset, model }) => [model.orderId, offset, model.version])).toEqual([
        [idOf(3), 12, 1],
        [idOf(1), 13, 2],
        [idOf(2), 14, 2],
      ]);
      expect(await found()).toEqual([idOf(1), idOf(2), idOf(3)]);
      expect(await store.positions()).toEqual(new Map([[0, 15]]));
      await generations.switchTo(1, atOnce);
      // What was left once is told on, now that it is live again.
      expect(await store.upsert([], 0, 15)).toEqual([]);
      await generations.drop(number);
    });

    it('stay as they are where it can not be made level', async () => {
      const { number } = await build();
      await expect(generations.switchTo(number, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
      expect(await states()).toEqual([
        [1, 'live'],
        [number, 'building'],
      ]);
      await store.upsert([change(modelNumber(3, { version: 2 }), 15)], 0, 16);
      await generations.drop(number);
    });

    it('switch between two records of whoever tells the live one, and lose none; readers see no gap and no error', async () => {
      await under.tamper(idOf(1));
      const offset = { next: 16 };
      let isOver = false;
      const telling = (async () => {
        for (; !isOver; offset.next += 1) {
          const version = offset.next;
          await store.upsert([change(modelNumber(2, { version }), offset.next)], 0, offset.next + 1);
        }
      })();
      let reads = 0;
      let seen = 0;
      const reading = (async () => {
        for (; !isOver; reads += 1) {
          expect(await found()).toEqual([idOf(1), idOf(2), idOf(3)]);
          const { version = 0 } = (await store.get(idOf(2))) ?? {};
          expect(version).toBeGreaterThanOrEqual(seen);
          seen = version;
        }
      })();
      for (let round = 0; round < 5; round += 1) {
        const { number, built } = await build([], 0);
        await generations.switchTo(number, async () => {
          const at = await store.positions();
          const changes = await store.changes(new Map(), 10);
          await built.upsert(changes, 0, at.get(0) ?? 0);
          // Nobody is told anything meanwhile, and reading goes on.
          const before = reads;
          while (reads < before + 3) await new Promise((resolve) => setTimeout(resolve, 5));
          expect(await store.positions()).toEqual(at);
        });
        const live = (await generations.list()).find(({ state }) => state === 'live');
        expect(live?.number).toBe(number);
      }
      isOver = true;
      await Promise.all([telling, reading]);
      expect((await store.get(idOf(2)))?.version).toBe(offset.next - 1);
      expect(await store.positions()).toEqual(new Map([[0, offset.next]]));
    });
  });
}
