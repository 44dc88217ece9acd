import { createTestDatabase, type TestDatabase } from '@skald/testkit';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { modelNumber } from '../tests/given.ts';
import { describeOrderStore } from '../tests/store-conformance.ts';
import { type Filter, facetLimit, type Search } from './order-store.ts';
import { createPostgresStore } from './postgres-store.ts';
import { facetQuery, searchQuery } from './search-query.ts';

const PARTITIONS = 6;
const migration = new URL('../migrations/002_orders.sql', import.meta.url);
const openDatabase = () => createTestDatabase(inject('infrastructure'), migration);

describeOrderStore('Postgres', async () => {
  const database = await openDatabase();
  return {
    store: createPostgresStore(database.db, PARTITIONS),
    async empty() {
      await database.pool.query('TRUNCATE orders, order_terms, order_positions');
    },
    close: () => database.stop(),
  };
});

describe('with 30,000 orders', () => {
  const ORDERS = 30_000;
  const BATCH = 3_000;
  let database: TestDatabase;

  const products = ['Lamp', 'Vase', 'Clock', 'Bench', 'Mirror'].map((name, index) => ({
    sku: `SKU-${index}`,
    name: `Oak ${name}`,
  }));
  const statuses = ['CONFIRMED', 'CANCELLED'] as const;

  /** Most have ended; of 300 customers, 1,000 SKUs, one word that all have, and one that few have. */
  const order = (number: number) => {
    const isOpen = number % 100 === 0;
    return modelNumber(
      number,
      {
        customerId: `customer-${number % 300}`,
        total: { amount: number, currency: 'EUR' },
        status: isOpen ? 'PENDING' : (statuses[number % 2] ?? 'CONFIRMED'),
        waitsFor: isOpen ? { service: 'payment', verb: 'charge' } : null,
      },
      [
        ...products.slice(number % 5, (number % 5) + 1),
        { sku: `SKU-${1_000 + (number % 1_000)}`, name: number % 1_000 === 7 ? 'Rare Trivet' : 'Oak Shelf' },
      ],
    );
  };

  beforeAll(async () => {
    database = await openDatabase();
    const store = createPostgresStore(database.db, PARTITIONS);
    for (let from = 0; from < ORDERS; from += BATCH) {
      const partition = (from / BATCH) % PARTITIONS;
      const changes = Array.from({ length: BATCH }, (_, index) => ({
        partition,
        offset: from + index,
        model: order(from + index),
      }));
      await store.upsert(changes, partition, from + BATCH);
    }
    await database.pool.query('VACUUM ANALYZE orders, order_terms');
  });
  afterAll(() => database.stop());

  interface Node {
    readonly 'Node Type': string;
    readonly 'Shared Hit Blocks': number;
    readonly 'Shared Read Blocks': number;
    readonly Plans?: readonly Node[];
  }

  /** As planned where scans of whole tables are as welcome as anything else. */
  async function explain({ text, values }: { text: string; values: readonly unknown[] }) {
    const client = await database.pool.connect();
    try {
      await client.query('SET enable_seqscan = on');
      const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Node }] }>(
        `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`,
        [...values],
      );
      const plan = rows[0]?.['QUERY PLAN'][0].Plan as Node;
      const all = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(all)];
      return {
        scans: all(plan).map((node) => node['Node Type']),
        blocks: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'],
      };
    } finally {
      client.release(true);
    }
  }

  const middle = modelNumber(ORDERS / 2);
  const searches: readonly [string, Filter, Partial<Search>?][] = [
    ['nothing: the newest', {}],
    ['a customer', { customerId: 'customer-7' }],
    ['a SKU', { sku: 'SKU-1234' }],
    ['a SKU that a fifth has', { sku: 'SKU-1' }],
    ['an open status, which few have', { status: 'PENDING' }],
    ['an ended status, which most have', { status: 'CONFIRMED' }],
    ['the service that is waited for', { waitsFor: 'payment' }],
    ['a word that all have', { text: 'oak' }],
    ['a word that few have', { text: 'trivet' }],
    ['two words', { text: 'rare trivet' }],
    ['the beginning of an id', { text: middle.orderId.slice(0, 34) }],
    ['a narrow range of amounts', { minAmount: 5_000, maxAmount: 5_010 }],
    ['a range of time', { from: middle.placedAt, to: middle.placedAt + 60_000 }],
    ['a customer and a status', { customerId: 'customer-7', status: 'CANCELLED' }],
    ['a SKU and a word', { sku: 'SKU-1007', text: 'trivet' }],
    ['the oldest that are open', { status: 'PENDING' }, { sort: 'oldest' }],
    ['a page far back', {}, { after: middle }],
    ['a page far back, of a word', { text: 'oak' }, { after: middle }],
    ['a page far back, of a status', { status: 'CONFIRMED' }, { after: middle }],
  ];

  it.each(searches)(
    'a search by %s goes along an index, and reads little',
    async (_, filter, search = {}) => {
      const { scans, blocks } = await explain(searchQuery({ filter, sort: 'newest', limit: 20, ...search }));
      expect(scans).not.toContain('Seq Scan');
      // 30,000 orders take some 3,500 blocks, and their terms 800.
      expect(blocks).toBeLessThan(500);
    },
  );

  it('facets of few are counted along an index, and those of many stop at their limit', async () => {
    const few = await explain(facetQuery({ customerId: 'customer-7' }, facetLimit + 1, 20));
    expect(few.scans).not.toContain('Seq Scan');
    expect(few.blocks).toBeLessThan(500);
    const many = await explain(facetQuery({}, facetLimit + 1, 20));
    expect(many.scans).not.toContain('Seq Scan');
    const facets = await createPostgresStore(database.db, PARTITIONS).facets({});
    expect(facets).toMatchObject({ total: facetLimit, isWhole: false, waitsFor: { payment: 100 } });
  });

  it('changes are found from anywhere, each partition from where its reader stands', async () => {
    const changes = await createPostgresStore(database.db, PARTITIONS).changes(new Map([[0, 20_000]]), 3);
    const offsetsOf = (wanted: number) =>
      changes.filter(({ partition }) => partition === wanted).map(({ offset }) => offset);
    expect(offsetsOf(0)).toEqual([20_000, 20_001, 20_002]);
    expect(offsetsOf(1)).toEqual([BATCH, BATCH + 1, BATCH + 2]);
  });
});
