import { createTestDatabase, eventually, type TestDatabase } from '@skald/testkit';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { openProxy, type TcpProxy } from './proxy.ts';

let database: TestDatabase;
let proxy: TcpProxy;

beforeAll(async () => {
  database = await createTestDatabase(inject('infrastructure'));
  await database.pool.query('CREATE TABLE notes (text text)');
  proxy = await openProxy({ target: Number(new URL(database.url).port), isPostgres: true });
});
afterAll(async () => {
  await proxy.close();
  await database.stop();
});

const notes = async () =>
  (await database.db.query<{ text: string }>('SELECT text FROM notes')).map(({ text }) => text);

/** As the kernel does it: BEGIN, statements and COMMIT in one packet. */
async function insertThrough(text: string): Promise<void> {
  const url = new URL(database.url);
  url.port = String(proxy.port);
  const client = new pg.Client({ connectionString: url.href, pipeline: true } as pg.ClientConfig);
  client.on('error', () => {});
  await client.connect();
  try {
    await Promise.all([
      client.query('BEGIN'),
      client.query({ name: 'insert', text: 'INSERT INTO notes VALUES ($1)', values: [text] }),
      client.query('COMMIT'),
    ]);
  } finally {
    await client.end().catch(() => {});
  }
}

it('a commit whose answer is cut off is carried out, and its client is told nothing', async () => {
  await insertThrough('before');
  proxy.set({ kind: 'cut before the commit’s answer' });
  await expect(insertThrough('cut')).rejects.toThrow(/ECONNRESET|terminated/);
  expect(proxy.counts.commitsCut).toBe(1);
  await eventually(async () => (await notes()).includes('cut'));
  proxy.set({ kind: 'pass' });
  await insertThrough('after');
  expect(await notes()).toEqual(['before', 'cut', 'after']);
});
