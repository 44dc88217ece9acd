import type { OrderReadModel } from '@skald/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Change, Filter, OrderStore, Search } from '../src/order-store.ts';
import { modelNumber } from './given.ts';

/** What every store must keep to; it is emptied before each test. */
export interface StoreUnderTest {
  readonly store: OrderStore;
  empty(): Promise<void>;
  close(): Promise<void>;
}

const change = (model: OrderReadModel, offset: number, partition = 0): Change => ({
  partition,
  offset,
  model,
});

/** Every store passes it, be it a database or a search engine. */
export function describeOrderStore(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`${name} as a store of orders`, () => {
    let under: StoreUnderTest;
    let store: OrderStore;
    beforeAll(async () => {
      under = await open();
      store = under.store;
    });
    beforeEach(() => under.empty());
    afterAll(() => under.close());

    const put = (...models: readonly OrderReadModel[]) =>
      store.upsert(
        models.map((model, offset) => change(model, offset)),
        0,
        models.length,
      );
    const found = async (filter: Filter, search: Partial<Search> = {}) =>
      (await store.search({ filter, sort: 'newest', limit: 100, ...search })).map(({ orderId }) => orderId);
    const ids = (...numbers: readonly number[]) => numbers.map((number) => modelNumber(number).orderId);

    describe('versions', () => {
      it('gives back what it was told, whole', async () => {
        const model = modelNumber(1);
        expect(await put(model)).toEqual([model.orderId]);
        expect(await store.get(model.orderId)).toEqual(model);
        expect(await store.get(modelNumber(2).orderId)).toBeUndefined();
      });

      it('keeps the newer one, and says which orders have changed', async () => {
        await put(modelNumber(1), modelNumber(2));
        const newer = modelNumber(1, { version: 7, status: 'CONFIRMED' });
        expect(await store.upsert([change(newer, 2), change(modelNumber(2), 3)], 0, 4)).toEqual([
          newer.orderId,
        ]);
        expect(await store.get(newer.orderId)).toEqual(newer);
      });

      it('never lets an older one, or the same again, overwrite a newer', async () => {
        const newer = modelNumber(1, { version: 7, status: 'CONFIRMED' });
        await store.upsert([change(newer, 10)], 0, 11);
        for (const late of [
          modelNumber(1, { version: 6 }),
          modelNumber(1, { version: 7, status: 'CANCELLED' }),
        ])
          expect(await store.upsert([change(late, 4)], 0, 5)).toEqual([]);
        expect(await store.get(newer.orderId)).toEqual(newer);
        expect(await found({ status: 'CONFIRMED' })).toEqual([newer.orderId]);
        expect(await found({ status: 'CANCELLED' })).toEqual([]);
      });

      it('keeps the newest of several in one batch, whatever their order', async () => {
        const versions = [3, 9, 5].map((version) => modelNumber(1, { version }));
        expect(await put(...versions)).toEqual([modelNumber(1).orderId]);
        expect((await store.get(modelNumber(1).orderId))?.version).toBe(9);
      });

      it('takes duplicates of a whole batch without a change', async () => {
        const batch = [1, 2, 3].map((number) => change(modelNumber(number), number));
        await store.upsert(batch, 0, 4);
        expect(await store.upsert(batch, 0, 4)).toEqual([]);
        expect(await found({})).toEqual(ids(3, 2, 1));
      });

      it('comes to the same, whoever brings which version at the same time', async () => {
        const versions = Array.from({ length: 12 }, (_, version) => modelNumber(1, { version: version + 1 }));
        await Promise.all(
          versions.map((model) => store.upsert([change(model, model.version)], 0, model.version + 1)),
        );
        expect((await store.get(modelNumber(1).orderId))?.version).toBe(12);
      });
    });

    describe('positions', () => {
      it('are none at first, and then where the next record of each partition is', async () => {
        expect(await store.positions()).toEqual(new Map());
        await store.upsert([change(modelNumber(1), 4, 0)], 0, 5);
        await store.upsert([change(modelNumber(2), 8, 3)], 3, 9);
        expect(await store.positions()).toEqual(
          new Map([
            [0, 5],
            [3, 9],
          ]),
        );
      });

      it('move with records that change nothing, and with none', async () => {
        await put(modelNumber(1));
        await store.upsert([change(modelNumber(1), 1)], 0, 2);
        await store.upsert([], 0, 7);
        expect(await store.positions()).toEqual(new Map([[0, 7]]));
      });

      it('never move back', async () => {
        await store.upsert([], 0, 7);
        await store.upsert([], 0, 3);
        expect(await store.positions()).toEqual(new Map([[0, 7]]));
      });
    });

    describe('changes', () => {
      it('are the newest version of what has changed since, each partition in its order', async () => {
        await store.upsert([change(modelNumber(1), 0), change(modelNumber(2), 1)], 0, 2);
        await store.upsert([change(modelNumber(3), 0, 1)], 1, 1);
        await store.upsert([change(modelNumber(1, { version: 2 }), 2)], 0, 3);
        const offsets = async (...positions: readonly (readonly [number, number])[]) => {
          const changes = await store.changes(new Map(positions), 100);
          return changes
            .map(({ partition, offset, model }) => [partition, offset, model.version])
            .toSorted(([one = 0], [other = 0]) => one - other);
        };
        expect(await offsets()).toEqual([
          [0, 1, 1],
          [0, 2, 2],
          [1, 0, 1],
        ]);
        expect(await offsets([0, 2], [1, 1])).toEqual([[0, 2, 2]]);
        expect(await offsets([0, 3], [1, 1])).toEqual([]);
      });

      it('come page by page, and none is left out', async () => {
        await put(...[1, 2, 3, 4, 5].map((number) => modelNumber(number)));
        const first = await store.changes(new Map(), 3);
        const second = await store.changes(new Map([[0, (first.at(-1)?.offset ?? 0) + 1]]), 3);
        expect([...first, ...second].map(({ offset }) => offset)).toEqual([0, 1, 2, 3, 4]);
      });

      it('reach a reader who follows while they are told, none left out', async () => {
        const PARTITIONS = [0, 1];
        const ORDERS = 60;
        const BATCH = 10;
        const tellAll = async (partition: number) => {
          for (let from = 0; from < ORDERS; from += BATCH) {
            const batch = Array.from({ length: BATCH }, (_, index) =>
              change(modelNumber(1_000 * partition + from + index), from + index, partition),
            );
            await store.upsert(batch, partition, from + BATCH);
          }
        };
        let isTold = false;
        const follow = async () => {
          const at = new Map<number, number>();
          const seen = new Set<string>();
          for (let wasTold = false; ; wasTold = isTold) {
            const found = await store.changes(at, 7);
            if (wasTold && found.length === 0) return seen;
            for (const { partition, offset, model } of found) {
              at.set(partition, Math.max(at.get(partition) ?? 0, offset + 1));
              seen.add(model.orderId);
            }
          }
        };
        const telling = Promise.all(PARTITIONS.map(tellAll)).finally(() => {
          isTold = true;
        });
        const [seen] = await Promise.all([follow(), telling]);
        expect(seen.size).toBe(PARTITIONS.length * ORDERS);
      });
    });

    describe('a search', () => {
      it('finds by customer, SKU, status and the service that is waited for', async () => {
        await put(
          modelNumber(1, { customerId: 'ada' }),
          modelNumber(2, { status: 'CONFIRMED' }),
          modelNumber(3, { waitsFor: { service: 'shipping', verb: 'book' } }),
          modelNumber(4, {}, [{ sku: 'SKU-0777', name: 'Slate Clock' }]),
        );
        expect(await found({ customerId: 'ada' })).toEqual(ids(1));
        expect(await found({ status: 'CONFIRMED' })).toEqual(ids(2));
        expect(await found({ waitsFor: 'shipping' })).toEqual(ids(3));
        expect(await found({ sku: 'SKU-0777' })).toEqual(ids(4));
        expect(await found({ customerId: 'ADA' })).toEqual([]);
        expect(await found({ sku: 'SKU-077' })).toEqual([]);
      });

      it('finds by what an order has become, no longer by what it was', async () => {
        await put(modelNumber(1, { waitsFor: { service: 'payment', verb: 'charge' } }));
        const later = modelNumber(1, { version: 5, status: 'CANCELLED', waitsFor: null });
        await store.upsert([change(later, 1)], 0, 2);
        expect(await found({ status: 'PENDING' })).toEqual([]);
        expect(await found({ waitsFor: 'payment' })).toEqual([]);
        expect(await found({ status: 'CANCELLED' })).toEqual(ids(1));
      });

      it('finds by words of the products, case and marks aside, all of them', async () => {
        await put(
          modelNumber(1, {}, [{ sku: 'A', name: 'Crème Brûlée Set' }]),
          modelNumber(2, {}, [
            { sku: 'B', name: 'Oak Lamp' },
            { sku: 'C', name: 'Egg-cup set' },
          ]),
        );
        expect(await found({ text: 'SET' })).toEqual(ids(2, 1));
        expect(await found({ text: 'creme  brulee' })).toEqual(ids(1));
        expect(await found({ text: 'lamp egg' })).toEqual(ids(2));
        expect(await found({ text: 'lamp brulee' })).toEqual([]);
        expect(await found({ text: 'la' })).toEqual([]);
        expect(await found({ text: '-- !' })).toEqual([]);
      });

      it("finds by the beginning of an order's id", async () => {
        const one = modelNumber(1, { orderId: '0190aaaa-bbbb-7ccc-8ddd-000000000001' });
        const other = modelNumber(2, { orderId: '0190aaaa-bbcc-7ccc-8ddd-000000000001' });
        await put(one, other);
        expect(await found({ text: '0190aaaa' })).toEqual([other.orderId, one.orderId]);
        expect(await found({ text: '0190AAAA-BBB' })).toEqual([one.orderId]);
        expect(await found({ text: '0190aaaabbcc7ccc' })).toEqual([other.orderId]);
        expect(await found({ text: one.orderId })).toEqual([one.orderId]);
        expect(await found({ text: '0190aaab' })).toEqual([]);
      });

      it('finds by amount, both bounds included, and by time, the later one not', async () => {
        const amounts = [100, 200, 300].map((amount, index) =>
          modelNumber(index + 1, { total: { amount, currency: index === 2 ? 'SEK' : 'EUR' } }),
        );
        await put(...amounts);
        expect(await found({ minAmount: 200 })).toEqual(ids(3, 2));
        expect(await found({ maxAmount: 200 })).toEqual(ids(2, 1));
        expect(await found({ minAmount: 200, maxAmount: 200 })).toEqual(ids(2));
        expect(await found({ currency: 'SEK' })).toEqual(ids(3));
        const [first, second] = amounts.map(({ placedAt }) => placedAt);
        expect(await found({ from: second })).toEqual(ids(3, 2));
        expect(await found({ from: first, to: second })).toEqual(ids(1));
      });

      it('with several filters finds what all of them hold of', async () => {
        const lamp = [{ sku: 'SKU-0001', name: 'Oak Lamp' }];
        await put(
          modelNumber(1, { customerId: 'ada', status: 'CONFIRMED' }, lamp),
          modelNumber(2, { customerId: 'ada' }, lamp),
          modelNumber(3, { customerId: 'bob', status: 'CONFIRMED' }, lamp),
        );
        const filter = { customerId: 'ada', status: 'CONFIRMED', sku: 'SKU-0001', text: 'oak lamp' } as const;
        expect(await found(filter)).toEqual(ids(1));
        expect(await found({ ...filter, minAmount: 1_000_000 })).toEqual([]);
      });

      it('sorts by time, and pages without a gap or a repetition while orders come in', async () => {
        const placedAt = modelNumber(1).placedAt;
        // Some of them at one time.
        await put(
          ...[1, 2, 3, 4, 5, 6].map((number) => modelNumber(number, { placedAt: placedAt + (number >> 1) })),
        );
        for (const sort of ['newest', 'oldest'] as const) {
          const seen: string[] = [];
          for (let after: Search['after']; ; ) {
            const page = await store.search({ filter: {}, sort, limit: 2, after });
            seen.push(...page.map(({ orderId }) => orderId));
            if (sort === 'newest')
              await store.upsert(
                [change(modelNumber(50 + seen.length, { placedAt: placedAt + 1_000 }), 90)],
                0,
                91,
              );
            const last = page.at(-1);
            if (last === undefined) break;
            after = last;
          }
          expect(seen.slice(0, 6)).toEqual(sort === 'newest' ? ids(6, 5, 4, 3, 2, 1) : ids(1, 2, 3, 4, 5, 6));
          expect(new Set(seen).size).toBe(seen.length);
        }
      });

      it('takes what people type for what it is', async () => {
        await put(modelNumber(1, { customerId: `o'hara"; DROP TABLE orders; --` }));
        expect(await found({ customerId: `o'hara"; DROP TABLE orders; --` })).toEqual(ids(1));
        expect(await found({ text: `%_'\\ " AND OR (` })).toEqual([]);
        expect(await found({})).toEqual(ids(1));
      });
    });

    describe('facets', () => {
      it('tell the orders that match apart, by status, SKU and who is waited for', async () => {
        const waitsFor = { service: 'payment', verb: 'charge' };
        await put(
          modelNumber(1, { waitsFor }, [{ sku: 'A', name: 'Lamp' }]),
          modelNumber(2, { waitsFor }, [
            { sku: 'A', name: 'Lamp' },
            { sku: 'B', name: 'Vase' },
          ]),
          modelNumber(3, { status: 'CONFIRMED', waitsFor: null }, [{ sku: 'B', name: 'Vase' }]),
        );
        expect(await store.facets({})).toEqual({
          total: 3,
          isWhole: true,
          status: { PENDING: 2, CONFIRMED: 1 },
          sku: { A: 2, B: 2 },
          waitsFor: { payment: 2 },
        });
        expect(await store.facets({ text: 'vase' })).toMatchObject({
          total: 2,
          status: { PENDING: 1, CONFIRMED: 1 },
          sku: { A: 1, B: 2 },
        });
      });

      it('of nothing are none', async () => {
        expect(await store.facets({ sku: 'A' })).toEqual({
          total: 0,
          isWhole: true,
          status: {},
          sku: {},
          waitsFor: {},
        });
      });
    });
  });
}
