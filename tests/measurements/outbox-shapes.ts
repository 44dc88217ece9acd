import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { parseProcessStat } from '../benchmarks/cpu.ts';

/**
 * How an outbox gets rid of what was sent, while a report holds an old snapshot open: by a mark on each row, by a DELETE
 * of each row, or by truncating slots of a ring. Prints what one entry costs its relay and its writer in CPU of Postgres (µs), at
 * first and at last, and how large table and indexes are in the end. Linux only.
 *
 *   npm run stack, then: DATABASE_URL=<database of order> node tests/dist/measurements/outbox-shapes.js
 */
const entries = 60_000;
const entryBytes = 1_000;
/** Entries of one turn: written one a transaction's statement, then relayed together. */
const turn = 20;
/** Costs are told of the first and the last tenth. */
const tenth = entries / 10;

interface Shape {
  readonly create: string;
  readonly look: string;
  /** $1: positions that Kafka has acknowledged. */
  readonly done?: string;
  /** After each turn, with the highest acknowledged position. */
  tidy?(relay: pg.Client, low: number): Promise<void>;
}

const rows = 'position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, entry bytea NOT NULL';
const above = (where: string) =>
  `SELECT position, entry FROM shapes.outbox WHERE ${where} ORDER BY position LIMIT 64`;

const slotSize = 4_096;
let cleared = 0;

const shapes: Readonly<Record<string, Shape>> = {
  'UPDATE … SET published': {
    create: `CREATE TABLE shapes.outbox (${rows}, published boolean NOT NULL DEFAULT false);
      CREATE INDEX ON shapes.outbox (position) WHERE NOT published`,
    look: above('NOT published'),
    done: 'UPDATE shapes.outbox SET published = true WHERE position = ANY ($1::bigint[])',
  },
  'DELETE by row': {
    create: `CREATE TABLE shapes.outbox (${rows})`,
    look: above('position > 0'),
    done: 'DELETE FROM shapes.outbox WHERE position = ANY ($1::bigint[])',
  },
  'a ring of slots': {
    create: `CREATE SEQUENCE shapes.position;
      CREATE TABLE shapes.outbox (position bigint NOT NULL DEFAULT nextval('shapes.position'), entry bytea NOT NULL)
        PARTITION BY LIST (((position >> 12) & 7));
      ${Array.from({ length: 8 }, (_, slot) => `CREATE TABLE shapes.outbox_${slot} PARTITION OF shapes.outbox FOR VALUES IN (${slot});`).join(' ')}
      CREATE INDEX ON shapes.outbox (position)`,
    look: above('position > $1::bigint'),
    async tidy(relay, low) {
      for (const current = Math.floor(low / slotSize); cleared < current - 1; cleared += 1) {
        await relay.query(`TRUNCATE shapes.outbox_${cleared % 8}`);
      }
    },
  },
};

const connect = async (): Promise<pg.Client> => {
  const client = new pg.Client({
    connectionString: process.env['DATABASE_URL'],
    options: '-c enable_seqscan=off -c synchronous_commit=off',
  });
  await client.connect();
  return client;
};

const pidOf = async (client: pg.Client): Promise<number> =>
  (await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid ?? 0;

async function measure(name: string, shape: Shape): Promise<void> {
  const [admin, writer, relay, report] = await Promise.all([connect(), connect(), connect(), connect()]);
  await admin.query(`DROP SCHEMA IF EXISTS shapes CASCADE; CREATE SCHEMA shapes; ${shape.create}`);
  await report.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
  await report.query('SELECT count(*) FROM pg_class');
  const pids = [await pidOf(writer), await pidOf(relay)];
  const cpuMs = () =>
    pids.reduce((sum, pid) => sum + parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'utf8')).cpuMs, 0);
  const entry = randomBytes(entryBytes);
  const isByPosition = shape.look.includes('$1');
  let low = 0;
  let relayed = 0;
  const costs: number[] = [];
  let before = cpuMs();
  cleared = 0;
  while (relayed < entries) {
    for (let written = 0; written < turn; written += 1) {
      await writer.query({
        name: 'write',
        text: 'INSERT INTO shapes.outbox (entry) VALUES ($1)',
        values: [entry],
      });
    }
    const look = { name: 'look', text: shape.look, values: isByPosition ? [low] : [] };
    const positions = (await relay.query<{ position: string }>(look)).rows.map(({ position }) =>
      Number(position),
    );
    if (shape.done !== undefined) await relay.query({ name: 'done', text: shape.done, values: [positions] });
    low = positions.at(-1) ?? low;
    relayed += positions.length;
    await shape.tidy?.(relay, low);
    if (relayed % tenth === 0) {
      const now = cpuMs();
      costs.push(((now - before) * 1_000) / tenth);
      before = now;
    }
  }
  const size = await admin.query<{ mb: string }>(
    `SELECT round(sum(pg_total_relation_size(c.oid)) / 1e6) AS mb FROM pg_class c
     WHERE relnamespace = 'shapes'::regnamespace AND relkind = 'r'`,
  );
  const [first = 0, last = 0] = [costs[0], costs.at(-1)];
  console.log(`| ${name} | ${Math.round(first)} | ${Math.round(last)} | ${size.rows[0]?.mb} MB |`);
  await report.query('ROLLBACK');
  await admin.query('DROP SCHEMA shapes CASCADE');
  await Promise.all([admin, writer, relay, report].map((client) => client.end()));
}

console.log(`| ${entries} entries | µs an entry, at first | at last | size in the end |\n|---|---|---|---|`);
for (const [name, shape] of Object.entries(shapes)) await measure(name, shape);
