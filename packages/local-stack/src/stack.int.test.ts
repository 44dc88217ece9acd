import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTime } from './process-table.ts';
import { resolveRuntime } from './runtime.ts';
import { type Stack, startStack } from './stack.ts';

const root = mkdtempSync(join(tmpdir(), 'skald-stack-'));
const stacks: Stack[] = [];
const supervisors: ChildProcess[] = [];

beforeAll(() => resolveRuntime(() => {}), 600_000);
afterAll(async () => {
  for (const supervisor of supervisors) supervisor.kill('SIGKILL');
  await Promise.all(stacks.map((stack) => stack.stop()));
  rmSync(root, { recursive: true });
});

async function start(name: string): Promise<Stack> {
  const stack = await startStack({ directory: join(root, name), services: 'none' });
  stacks.push(stack);
  return stack;
}

async function query<Row extends pg.QueryResultRow>(url: string, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** A folder whose `mvn` fails. */
function brokenMaven(): string {
  const folder = join(root, 'bin');
  mkdirSync(folder);
  writeFileSync(join(folder, 'mvn'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  return folder;
}

const register = async (stack: Stack, subject: string): Promise<number> => {
  const response = await fetch(`${stack.addresses.registry}/subjects/${subject}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ schema: JSON.stringify({ type: 'record', name: subject, fields: [] }) }),
  });
  return ((await response.json()) as { id: number }).id;
};

const running = (pids: readonly number[]) => pids.filter((pid) => startTime(pid) !== undefined);

it('keeps its data and addresses from one start to the next, which needs neither network nor Maven', async () => {
  const [first, other] = await Promise.all([start('kept'), start('other')]);
  const database = first.addresses.postgres['order'] ?? '';
  expect(other.addresses.kafka.brokers).not.toEqual(first.addresses.kafka.brokers);
  await other.stop();

  await query(database, 'CREATE TABLE kept AS SELECT 7 AS value');
  const id = await register(first, 'Kept');
  await expect(query(database.replace(/order$/, 'payment'), 'SELECT 1')).rejects.toThrow('permission denied');
  await expect(query(database.replace(/order$/, 'postgres'), 'SELECT 1')).rejects.toThrow(
    'permission denied',
  );

  // A registry and a database that are killed come back with all they acknowledged.
  await Promise.all([first.kill('registry'), first.kill('postgres')]);
  await Promise.all([first.ready('registry'), first.ready('postgres')]);
  const started = Object.values(first.addresses.pids);
  await first.stop();
  expect(running(started)).toEqual([]);

  const path = process.env['PATH'];
  process.env['PATH'] = `${brokenMaven()}:${path}`;
  const second = await start('kept');
  process.env['PATH'] = path;
  expect({ ...second.addresses, pids: {} }).toEqual({ ...first.addresses, pids: {} });
  expect(await query(database, 'SELECT value FROM kept')).toEqual([{ value: 7 }]);
  expect(await register(second, 'Kept')).toBe(id);
  await second.stop();
}, 180_000);

it('cleans up after a supervisor that was killed', async () => {
  const directory = join(root, 'kept');
  const supervisor = spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `const { startStack } = await import(${JSON.stringify(fileURLToPath(new URL('../dist/index.js', import.meta.url)))});
       const stack = await startStack({ directory: ${JSON.stringify(directory)}, services: 'none' });
       console.log(JSON.stringify(Object.values(stack.addresses.pids)));
       setInterval(() => {}, 1e6);`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  supervisors.push(supervisor);
  const [line] = (await once(supervisor.stdout, 'data')) as [Buffer];
  const left = JSON.parse(line.toString()) as number[];
  expect(running(left)).toHaveLength(4);
  await expect(startStack({ directory, services: 'none' })).rejects.toThrow('already runs');
  supervisor.kill('SIGKILL');
  await once(supervisor, 'exit');

  const stack = await start('kept');
  expect(running(left)).toEqual([]);
  await stack.stop();
}, 180_000);

it('names the log of what does not start, and leaves nothing running', async () => {
  const directory = join(root, 'broken');
  const environment = { 'payment-provider': { HTTP_PORT: 'none' } };
  const failure = await startStack({ directory, services: ['payment'], provision: false, environment }).catch(
    String,
  );
  expect(failure).toContain('payment-provider');
  expect(failure).toContain(join(directory, 'logs', 'payment-provider.log'));
  const stack = await startStack({ directory, services: 'none' });
  await stack.stop();
}, 180_000);
