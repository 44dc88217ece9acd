import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, endConnections, type TestDatabase } from '../tests/infrastructure.ts';
import { type Connection, createDatabase, inTransaction, type Queryable } from './database.ts';
import { FatalError, TransientError } from './errors.ts';

let database: TestDatabase;
let connection: Connection;

beforeAll(async () => {
  database = await createTestDatabase(false);
  await database.query('CREATE TABLE numbers (n int PRIMARY KEY)');
});
beforeEach(async () => {
  await database.query('TRUNCATE numbers');
  connection = await database.connect();
  return () => connection.close();
});
afterAll(() => database.drop());

const insert = (db: Queryable, n: number) => db.query('INSERT INTO numbers VALUES ($1)', [n]);
const numbers = async () =>
  (await database.query<{ n: number }>('SELECT n FROM numbers ORDER BY n')).map(({ n }) => n);
const failure = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('a row', () => {
  it('has numbers, bytes, dates and JSON for what they are', async () => {
    const [row] = await connection.query(
      `SELECT 9007199254740991::int8 AS long, '\\x00ff80'::bytea AS bytes, '{"a":[1]}'::jsonb AS json,
              timestamptz '2026-01-31 00:00:00Z' AS time, '{1,NULL,3}'::int[] AS vector,
              '{}'::int[] AS nothing`,
    );
    expect(row).toEqual({
      long: Number.MAX_SAFE_INTEGER,
      bytes: Buffer.of(0, 0xff, 0x80),
      json: { a: [1] },
      time: new Date(Date.UTC(2026, 0, 31)),
      vector: [1, null, 3],
      nothing: [],
    });
  });
});

describe('an array of texts', () => {
  it.each([
    ['nothing', []],
    ['quotes, commas and braces', ['"', '\\', '\\"', ',', '{}', ' ', '']],
    ['what looks like null, and null', ['NULL', 'null', null, '']],
    ['any script and control characters', ['Überfuhr-🚚', '\n\t', "'; --"]],
  ])('arrives as it was: %s', async (_, texts) => {
    const statement = { name: 'array-of-texts', text: 'SELECT $1::text[] AS texts' };
    expect(await connection.query(statement, [texts])).toEqual([{ texts }]);
  });
});

describe('an array of numbers', () => {
  it.each([
    ['nothing', []],
    ['numbers and null', [1.5, -2, null, 0]],
    ['what JSON has no word for', [NaN, -Infinity]],
  ])('arrives as it was: %s', async (_, numbers) => {
    const statement = { name: 'array-of-numbers', text: 'SELECT $1::float8[] AS numbers' };
    expect(await connection.query(statement, [numbers])).toEqual([{ numbers }]);
  });
});

describe('an error', () => {
  it('of data is what it is, of a statement is fatal, of a connection is an outage', async () => {
    await insert(database, 1);
    expect(await failure(insert(database, 1))).toBeInstanceOf(pg.DatabaseError);
    expect(await failure(database.query('SELECT nonsense'))).toBeInstanceOf(FatalError);
    const nobody = createDatabase({ url: 'postgres://nobody@127.0.0.1:1/none', name: 'test' });
    expect(await failure(nobody.connect())).toBeInstanceOf(TransientError);
    expect(await failure(nobody.query('SELECT 1'))).toBeInstanceOf(TransientError);
    await nobody.close();
  });

  it('of a connection that is ended leaves it unusable, and a new one is to be had', async () => {
    const sleeping = failure(connection.query("SELECT pg_sleep(60), 'the victim'"));
    await endConnections(`datname = '${database.name}' AND query LIKE '%the victim%'`);
    expect(await sleeping).toBeInstanceOf(TransientError);
    expect(await failure(connection.query('SELECT 1'))).toBeInstanceOf(TransientError);
    expect(connection.usable).toBe(false);
    await insert(database, 1);
  });
});

describe('a transaction', () => {
  it('is committed with all that was issued, awaited or not', async () => {
    const answer = await inTransaction(connection, async (tx) => {
      void insert(tx, 1);
      await insert(tx, 2);
      void insert(tx, 3);
      return 'done';
    });
    expect(answer).toBe('done');
    expect(await numbers()).toEqual([1, 2, 3]);
  });

  it('that fails in a statement nobody awaited fails with that, and leaves nothing', async () => {
    const error = await failure(
      inTransaction(connection, async (tx) => {
        void insert(tx, 1);
        void insert(tx, 1);
        void insert(tx, 2);
      }),
    );
    expect(error).toMatchObject({ code: '23505' });
    expect(await numbers()).toEqual([]);
  });

  it('that its work gives up is rolled back, and the connection goes on', async () => {
    const error = await failure(
      inTransaction(connection, (tx) => {
        void insert(tx, 1);
        void tx.query('SELECT pg_sleep(0.05)');
        throw new Error('no');
      }),
    );
    expect(error).toMatchObject({ message: 'no' });
    await inTransaction(connection, (tx) => insert(tx, 2));
    expect(await numbers()).toEqual([2]);
  });

  it('takes no statement behind its COMMIT', async () => {
    const kept = await inTransaction(connection, async (tx) => tx);
    expect(() => insert(kept, 1)).toThrow(/behind its COMMIT/);
  });
});
