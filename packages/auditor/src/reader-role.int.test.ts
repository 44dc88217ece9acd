import { serviceNames } from '@skald/contracts';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { inSnapshot } from './evidence/snapshot.ts';

/** What the shared stack tells of itself. The harness stands on this package, so that it can't be asked here. */
interface Facts {
  readonly addresses: { readonly postgres: Record<string, string>; readonly auditor: Record<string, string> };
}

const { addresses } = (await (await fetch(inject('infrastructure'))).json()) as Facts;
const owner = new pg.Client({ connectionString: addresses.postgres['order'] });
const auditor = new pg.Client({ connectionString: addresses.auditor['order'] });

beforeAll(async () => {
  await Promise.all([owner.connect(), auditor.connect()]);
  await owner.query('CREATE SCHEMA ledger');
  await owner.query('CREATE TABLE ledger.entries (id serial PRIMARY KEY, amount int NOT NULL)');
  await owner.query('INSERT INTO ledger.entries (amount) SELECT 1 FROM generate_series(1, 12345)');
});
afterAll(async () => {
  await owner.query('DROP SCHEMA ledger CASCADE');
  await Promise.all([owner.end(), auditor.end()]);
});

describe('The role of the auditor', () => {
  it('reads every service’s database, what is made there later included', async () => {
    for (const service of serviceNames) {
      const client = new pg.Client({ connectionString: addresses.auditor[service] });
      await client.connect();
      expect((await client.query('SELECT current_database() AS name')).rows).toEqual([{ name: service }]);
      await client.end();
    }
    expect((await auditor.query('SELECT count(*)::int AS count FROM ledger.entries')).rows).toEqual([
      { count: 12_345 },
    ]);
  });

  it.each([
    'INSERT INTO ledger.entries (amount) VALUES (2)',
    'UPDATE ledger.entries SET amount = 2',
    'DELETE FROM ledger.entries',
    'TRUNCATE ledger.entries',
    'DROP TABLE ledger.entries',
    "SELECT nextval('ledger.entries_id_seq')",
    'CREATE TABLE ledger.mine (id int)',
    'CREATE TABLE mine (id int)',
    'CREATE TEMPORARY TABLE mine (id int)',
    'CREATE SCHEMA mine',
    'DO $$ BEGIN LOCK TABLE ledger.entries IN ROW EXCLUSIVE MODE; END $$',
    'SET ROLE "order"',
    'ALTER ROLE auditor CREATEDB',
  ])('can not write, whatever its session says: %s', async (text) => {
    await expect(auditor.query(text)).rejects.toThrow(/permission denied|read-only|must be owner/);
    await auditor.query('SET default_transaction_read_only = off');
    await expect(auditor.query(text)).rejects.toThrow(/permission denied|must be owner/);
    await auditor.query('RESET default_transaction_read_only');
  });

  it('enters no other database', async () => {
    const url = new URL(addresses.auditor['order'] ?? '');
    url.pathname = 'postgres';
    const client = new pg.Client({ connectionString: url.href });
    await expect(client.connect()).rejects.toThrow('permission denied');
  });
});

describe('A snapshot', () => {
  it('is of one moment, however large it is and whatever is written meanwhile', async () => {
    const amounts = await inSnapshot('order', addresses.auditor['order'], async (snapshot) => {
      let before = 0;
      for await (const { amount } of snapshot.rows<{ amount: number }>('SELECT amount FROM ledger.entries')) {
        if (before === 0) await owner.query('INSERT INTO ledger.entries (amount) VALUES (100000)');
        before += amount;
      }
      const [after] = await snapshot.all<{ sum: number }>('SELECT sum(amount) AS sum FROM ledger.entries');
      return [before, after?.sum];
    });
    expect(amounts).toEqual([12_345, 12_345]);
  });

  it('names the service whose database is away', async () => {
    await expect(inSnapshot('email', 'postgres://a:b@127.0.0.1:1/email', async () => 0)).rejects.toThrow(
      /^the database of email can't be asked: .*ECONNREFUSED/,
    );
  });
});
