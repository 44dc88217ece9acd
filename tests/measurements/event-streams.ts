import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { parseProcessStat } from '../benchmarks/cpu.ts';

/**
 * From which length of an event stream on do snapshots pay? Loads and folds orders of several lengths, and the same
 * orders as snapshots, and prints the CPU that Postgres and Node together use for one order (µs). Linux only.
 *
 *   npm run stack, then: DATABASE_URL=<database of order> node tests/dist/measurements/event-streams.js
 */
const lengths = [2, 10, 100, 1_000];
const batchSizes = [1, 50];
/** CPU time that each figure is taken over, ms: a tick of the clock is 10. */
const enoughMs = 1_500;
const orders = 200;

const LOAD =
  'SELECT order_id, name, data FROM streams.events WHERE order_id = ANY ($1::uuid[]) ORDER BY order_id, version';
const LOAD_SNAPSHOT = 'SELECT order_id, state FROM streams.snapshots WHERE order_id = ANY ($1::uuid[])';
const SAVE_SNAPSHOT = `INSERT INTO streams.snapshots (order_id, version, state)
  SELECT order_id, 1, state::jsonb FROM unnest($1::uuid[], $2::text[]) AS u (order_id, state)
  ON CONFLICT (order_id) DO UPDATE SET version = snapshots.version + 1, state = excluded.state`;

const created = (orderId: string) => ({
  orderId,
  customerId: 'ada',
  lines: ['Oak Desk Lamp', 'Wicker Doormat'].map((name, index) => ({
    sku: `SKU-000${index}`,
    name,
    quantity: 1,
    unitPrice: { amount: 6_490, currency: 'EUR' },
  })),
  total: { amount: 12_980, currency: 'EUR' },
  paymentMethod: 'tok_visa',
  createdAt: 1_750_000_000_000,
});

/** An order like ours: what it was created with, and what was last said of it. */
interface State {
  readonly version: number;
  readonly created: object;
  readonly last: object;
}
const fold = (state: State | undefined, data: object): State =>
  state === undefined
    ? { version: 1, created: data, last: data }
    : { version: state.version + 1, created: state.created, last: data };

const database = new pg.Client({
  connectionString: process.env['DATABASE_URL'],
  options: '-c enable_seqscan=off',
});
await database.connect();
const { rows } = await database.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
const backend = rows[0]?.pid ?? 0;

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000 + parseProcessStat(readFileSync(`/proc/${backend}/stat`, 'utf8')).cpuMs;
};

/** µs of CPU an order. */
async function measure(
  batch: number,
  ids: readonly string[],
  work: (ids: string[]) => Promise<void>,
): Promise<number> {
  const next = (turn: number) =>
    Array.from({ length: batch }, (_, index) => ids[(turn * batch + index) % ids.length] ?? '');
  for (let turn = 0; turn < 20; turn += 1) await work(next(turn));
  const before = cpuMs();
  let turns = 0;
  let used = 0;
  while (used < enoughMs) {
    await work(next(turns));
    turns += 1;
    if (turns % 20 === 0) used = cpuMs() - before;
  }
  return ((cpuMs() - before) * 1_000) / (turns * batch);
}

async function prepare(length: number): Promise<string[]> {
  await database.query(`DROP SCHEMA IF EXISTS streams CASCADE; CREATE SCHEMA streams;
    CREATE TABLE streams.events (order_id uuid, version int, name text NOT NULL, data jsonb NOT NULL, PRIMARY KEY (order_id, version));
    CREATE TABLE streams.snapshots (order_id uuid PRIMARY KEY, version int NOT NULL, state jsonb NOT NULL)`);
  const ids = Array.from({ length: orders }, () => randomUUID());
  for (const id of ids) {
    const first = created(id);
    await database.query(
      `INSERT INTO streams.events SELECT $1, version, CASE version WHEN 1 THEN 'OrderCreated' ELSE 'OrderChanged' END,
         CASE version WHEN 1 THEN $2::jsonb ELSE jsonb_build_object('orderId', $1::uuid, 'step', version, 'at', 1750000000000) END
       FROM generate_series(1, $3::int) AS version`,
      [id, JSON.stringify(first), length],
    );
    await database.query({
      name: 'save-snapshot',
      text: SAVE_SNAPSHOT,
      values: [[id], [JSON.stringify(fold(undefined, first))]],
    });
  }
  await database.query('VACUUM ANALYZE streams.events');
  return ids;
}

async function loadEvents(ids: string[]): Promise<void> {
  const result = await database.query<{ order_id: string; data: object }>({
    name: 'load',
    text: LOAD,
    values: [ids],
  });
  const states = new Map<string, State>();
  for (const { order_id, data } of result.rows) states.set(order_id, fold(states.get(order_id), data));
}

async function loadSnapshots(ids: string[]): Promise<void> {
  await database.query({ name: 'load-snapshot', text: LOAD_SNAPSHOT, values: [ids] });
}

async function saveSnapshots(ids: string[]): Promise<void> {
  const states = ids.map((id) => JSON.stringify(fold(undefined, created(id))));
  await database.query({ name: 'save-snapshot', text: SAVE_SNAPSHOT, values: [ids, states] });
}

console.log(
  '| orders a statement | own events | load and fold | load a snapshot | write a snapshot |\n|---|---|---|---|---|',
);
for (const length of lengths) {
  const ids = await prepare(length);
  for (const batch of batchSizes) {
    const figures = [];
    for (const work of [loadEvents, loadSnapshots, saveSnapshots])
      figures.push(Math.round(await measure(batch, ids, work)));
    console.log(`| ${batch} | ${length} | ${figures.join(' | ')} |`);
  }
}
await database.query('DROP SCHEMA streams CASCADE');
await database.end();
