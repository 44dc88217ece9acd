import type { ConsumedRecord } from '@skald/messaging';
import { createTestDatabase, type TestDatabase } from '@skald/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { at, letter, resolution } from '../tests/given.ts';
import { type Identity, parseRecord } from './dead-letter.ts';
import { conditionOf, type Filter, type State } from './filter.ts';
import { countFacets, countOpen, extentOf, find, listBefore, listBetween, save } from './store.ts';
import { forgetOld, RESOLVED_DAYS } from './upkeep.ts';

const DAY_MS = 86_400_000;
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase(
    inject('infrastructure'),
    new URL('../migrations/001_dead_letters.sql', import.meta.url),
  );
});
beforeEach(() => database.pool.query('TRUNCATE dead_letters'));
afterAll(() => database.stop());

const take = (...records: ConsumedRecord[]) =>
  database.transaction((db) =>
    save(
      db,
      records.map(parseRecord).filter((change) => change !== undefined),
    ),
  );
const one: Identity = { group: 'payment', topic: 'orders.events', partition: 3, offset: 42 };
const rowOf = (id: Identity = one) => find(database.db, id);
const everything = () => database.db.query('SELECT * FROM dead_letters ORDER BY id');
const list = (filter: Filter, state?: State) =>
  listBefore(database.db, conditionOf(filter, state), Number.MAX_SAFE_INTEGER, 100);
const offsets = async (filter: Filter, state?: State) =>
  (await list(filter, state)).map(({ offset }) => offset).sort((a, b) => a - b);

describe('the index', () => {
  it('holds a dead letter as it came', async () => {
    const value = Buffer.of(0, 255, 10);
    await take(letter({ value, key: Buffer.of(0xff), headers: { odd: Buffer.of(255) } }));
    expect(await rowOf()).toMatchObject({
      key: 'hex:ff',
      record_key: Buffer.of(0xff),
      record_value: value,
      original_value: null,
      edited: false,
      event: 'OrderCreated',
      error_code: 'UNDECODABLE',
      attempts: 1,
      state: 'open',
      first_failed_at: new Date(at),
      headers: { odd: '/w==' },
    });
  });

  it('holds one without key and value', async () => {
    await take(letter({ value: null, key: null }));
    expect(await rowOf()).toMatchObject({ key: '', record_key: null, record_value: null });
  });

  it('changes nothing when records come again, whichever and in whatever number', async () => {
    const records = [
      letter({ offset: 1 }),
      letter({ offset: 2 }),
      resolution('redriven', { offset: 1 }),
      resolution('edited', { offset: 2 }),
      letter({ offset: 1, attempts: 2, text: 'again' }),
      resolution('discarded', { offset: 1 }),
    ];
    await take(...records);
    const before = await everything();
    for (let from = 0; from < records.length; from += 1) await take(...records.slice(from));
    for (const record of records) await take(record);
    expect(await everything()).toEqual(before);
    expect(before).toHaveLength(2);
  });

  it('ends the same whether records come one by one or together', async () => {
    const records = [
      letter(),
      resolution('edited', { value: Buffer.from('v2') }),
      resolution('redriven'),
      letter({ attempts: 2, value: Buffer.from('v2'), code: 'HANDLER_FAILED' }),
      resolution('edited', { value: Buffer.from('v3') }),
    ];
    const withoutId = async () => (await everything()).map(({ id: _id, ...row }) => row);
    await take(...records);
    const together = await withoutId();
    await database.pool.query('TRUNCATE dead_letters');
    for (const record of records) await take(record);
    expect(await withoutId()).toEqual(together);
    expect(await rowOf()).toMatchObject({
      state: 'open',
      edited: true,
      attempts: 2,
      error_code: 'HANDLER_FAILED',
      record_value: Buffer.from('v3'),
      original_value: Buffer.from('bytes'),
    });
  });

  it('knows who has redriven or discarded it, until it fails again', async () => {
    await take(letter(), resolution('redriven'));
    expect(await rowOf()).toMatchObject({
      state: 'redriven',
      resolved_by: 'ada',
      resolved_because: 'fixed upstream',
      resolved_at: new Date(at + 60_000),
    });
    await take(letter({ attempts: 2 }));
    expect(await rowOf()).toMatchObject({ state: 'open', resolved_by: null, attempts: 2 });
    await take(resolution('discarded'));
    expect(await rowOf()).toMatchObject({ state: 'discarded', attempts: 2 });
  });

  it('tells apart what one message is to several groups', async () => {
    await take(letter({ group: 'payment' }), letter({ group: 'inventory' }), resolution('redriven'));
    expect(await rowOf()).toMatchObject({ state: 'redriven' });
    expect(await rowOf({ ...one, group: 'inventory' })).toMatchObject({ state: 'open' });
  });

  it('ignores what became of one that it never heard of', async () => {
    await take(resolution('redriven'));
    expect(await everything()).toEqual([]);
  });

  it('takes a batch of a thousand in', async () => {
    const letters = Array.from({ length: 1_000 }, (_, offset) => letter({ offset }));
    await take(...letters, ...letters.map((_, offset) => resolution('redriven', { offset })));
    expect(await extentOf(database.db, conditionOf({}, 'redriven'))).toMatchObject({ count: 1_000 });
  });
});

describe('filters', () => {
  beforeEach(() =>
    take(
      letter({ offset: 1, key: 'a', text: 'Cut in the middle', failedAt: at }),
      letter({ offset: 2, group: 'inventory', code: 'SEQUENCE_GAP', failedAt: at + 1_000 }),
      letter({ offset: 3, topic: 'inventory.events', key: 'a', failedAt: at + 2_000 }),
      letter({ offset: 4, value: Buffer.from('\u0000\u0000Ada Lovelace 100%\u0002') }),
      letter({ offset: 5, headers: { traceparent: '00-abcdef' } }),
      resolution('discarded', { offset: 5 }),
    ),
  );

  it.each([
    [{ group: 'inventory' }, [2]],
    [{ topic: 'inventory.events' }, [3]],
    [{ code: 'SEQUENCE_GAP' }, [2]],
    [{ key: 'a' }, [1, 3]],
    [{ key: 'A' }, []],
    [{ from: new Date(at + 1_000).toISOString() }, [2, 3]],
    [{ to: new Date(at + 1_000).toISOString() }, [1, 4, 5]],
    [{ text: 'cut IN' }, [1]],
    [{ text: 'ada love' }, [4]],
    [{ text: '100%' }, [4]],
    [{ text: 'a%e' }, []],
    [{ text: 'abcdef' }, [5]],
    [{ text: 'sequence_gap' }, [2]],
    [{ key: 'a', topic: 'orders.events' }, [1]],
    [{}, [1, 2, 3, 4, 5]],
  ] as [Filter, number[]][])('%j finds %j', async (filter, wanted) => {
    expect(await offsets(filter)).toEqual(wanted);
  });

  it('tell what is open from what is over', async () => {
    expect(await offsets({}, 'open')).toEqual([1, 2, 3, 4]);
    expect(await offsets({}, 'discarded')).toEqual([5]);
    expect(await offsets({}, 'redriven')).toEqual([]);
  });

  it('count what they find, by what it can be told apart', async () => {
    expect(await countFacets(database.db, conditionOf({}, 'open'))).toEqual({
      total: 4,
      group: { payment: 3, inventory: 1 },
      topic: { 'orders.events': 3, 'inventory.events': 1 },
      code: { UNDECODABLE: 3, SEQUENCE_GAP: 1 },
    });
    expect(await countFacets(database.db, conditionOf({ key: 'nobody' }, 'open'))).toEqual({
      total: 0,
      group: {},
      topic: {},
      code: {},
    });
  });

  it('go through everything, page by page, once', async () => {
    const open = conditionOf({}, 'open');
    const { count, upTo, groups } = await extentOf(database.db, open);
    expect([count, [...groups].sort()]).toEqual([4, ['inventory', 'payment']]);
    const first = await listBetween(database.db, open, [0, upTo], 3);
    const second = await listBetween(database.db, open, [first.at(-1)?.id ?? 0, upTo], 3);
    expect([...first, ...second].map(({ offset }) => offset)).toEqual([1, 2, 3, 4]);
  });

  it('measure what is open, and for how long', async () => {
    const counts = await countOpen(database.db);
    expect(counts).toHaveLength(3);
    expect(counts.every(({ age }) => age > 0)).toBe(true);
  });
});

describe('retention', () => {
  it('forgets what was resolved two weeks ago, and nothing that is open', async () => {
    const old = at - 400 * DAY_MS;
    await take(
      letter({ offset: 1, failedAt: old }),
      letter({ offset: 2 }),
      resolution('redriven', { offset: 2, failedAt: at - RESOLVED_DAYS * DAY_MS - 1 }),
      letter({ offset: 3 }),
      resolution('discarded', { offset: 3, failedAt: at - RESOLVED_DAYS * DAY_MS + 1 }),
    );
    expect(await forgetOld(database.db, at)).toBe(1);
    expect(await offsets({})).toEqual([1, 3]);
  });

  it('goes slice by slice', async () => {
    const many = Array.from({ length: 2_100 }, (_, offset) => letter({ offset }));
    await take(...many, ...many.map((_, offset) => resolution('redriven', { offset })));
    expect(await forgetOld(database.db, at + 30 * DAY_MS)).toBe(2_100);
    expect(await everything()).toEqual([]);
  });
});
