import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { groupNames } from '@skald/contracts';
import { connectStack, createTestDatabase, eventually } from '@skald/testkit';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { compare } from './against.ts';
import { recordOf, type Way, wayNames } from './example-records.ts';
import { linesOf, writeRecording } from './recording.ts';

// Each of these migrates twelve databases, in processes that have to start.
vi.setConfig({ testTimeout: 180_000 });

const root = fileURLToPath(new URL('../../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'skald-replay-'));
const orders = wayNames.map((way) => recordOf(way));
const idOf = (way: Way) => recordOf(way).orderId;
let scratch: string;

beforeAll(async () => {
  ({ administratorUrl: scratch } = await connectStack(inject('infrastructure')));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Edit {
  readonly file: string;
  /** Occurs there once. */
  readonly find: string;
  readonly replace: string;
}

/** A checkout as `npm run build` leaves it, with places of its compiled code changed. */
function copyWith(...edits: readonly Edit[]): string {
  const copy = mkdtempSync(join(folder, 'copy-'));
  cpSync(join(root, 'package.json'), join(copy, 'package.json'));
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  for (const kind of ['packages', 'services']) {
    for (const home of readdirSync(join(root, kind))) {
      for (const part of ['package.json', 'dist', 'migrations', 'node_modules']) {
        const from = join(root, kind, home, part);
        if (existsSync(from))
          cpSync(from, join(copy, kind, home, part), { recursive: true, verbatimSymlinks: true });
      }
    }
  }
  for (const { file, find, replace } of edits) {
    const code = readFileSync(join(copy, file), 'utf8');
    expect(code.split(find)).toHaveLength(2);
    writeFileSync(join(copy, file), code.replace(find, replace));
  }
  return copy;
}

async function scratchDatabases(): Promise<string[]> {
  const client = new pg.Client({ connectionString: scratch });
  await client.connect();
  try {
    const text = "SELECT datname FROM pg_database WHERE datname LIKE 'replay\\_%'";
    return (await client.query<{ datname: string }>(text)).rows.map(({ datname }) => datname);
  } finally {
    await client.end();
  }
}

const against = (there: string) => compare(orders, { here: root, there, scratch });

describe('The handlers of this checkout against themselves', () => {
  it('make no difference of any kind of order, say what was recorded, and leave no database behind', async () => {
    expect(await against(root)).toMatchObject({
      verdict: 'same',
      orders: wayNames.length,
      differing: [],
      otherThanRecorded: [],
      unanswered: [idOf('cancelled as its deadline passed'), idOf('on its way')],
    });
    expect(await scratchDatabases()).toEqual([]);
  });

  it('talk to their databases and to nobody else', async () => {
    const database = await createTestDatabase(inject('infrastructure'));
    const { port } = new URL(database.url);
    const preload = `import net from 'node:net'; const connect = net.Socket.prototype.connect;
      net.Socket.prototype.connect = function (...args) {
        const to = Array.isArray(args[0]) ? args[0][0] : args[0];
        process.stderr.write('connects to ' + (typeof to === 'object' ? to.port : to) + '\\n');
        return connect.apply(this, args);
      };`;
    const program = join(root, 'packages/replay/dist/handlers-main.js');
    const child = spawn(
      process.execPath,
      ['--import', `data:text/javascript,${encodeURIComponent(preload)}`, program],
      { env: { ...process.env, REPLAY_DATABASE_URL: await allIn(database.url) } },
    );
    let said = '';
    let answers = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.stdout.on('data', (chunk: Buffer) => (answers += chunk.toString()));
    child.stdin.end([...linesOf(orders)].join('\n'));
    const [code] = (await once(child, 'close')) as [number];
    await dropAll(database.url);
    await database.stop();
    expect(code, said).toBe(0);
    expect(answers.trim().split('\n')).toHaveLength(1 + orders.length);
    expect(answers).toContain('"kind":"charge"');
    expect(new Set(said.trim().split('\n'))).toEqual(new Set([`connects to ${port}`]));
  });
});

describe('Rules that were changed', () => {
  it('show as the differences that they make, in the orders that they concern, with all that follows', async () => {
    const there = copyWith(
      {
        file: 'services/order/dist/order.js',
        find: "PaymentFailed: cancel('PAYMENT_DECLINED')",
        replace: "PaymentFailed: cancel('DEADLINE_PASSED')",
      },
      {
        file: 'services/payment/dist/payment.js',
        find: 'OrderCancelled: (payment) => askToRefund(payment),',
        replace: "OrderCancelled: ignore('we keep it'),",
      },
      {
        file: 'services/shipping/dist/inputs.js',
        find: "return 'the key is another order';",
        replace: "return 'x'; if (input.name === 'OrderCancelled') return 'too late';",
      },
    );
    const { differing, otherThanRecorded } = await against(there);
    expect(otherThanRecorded).toEqual([]);
    const cancelled = wayNames.filter((way) => way !== 'confirmed' && way !== 'on its way');
    expect(differing.map(({ orderId }) => orderId)).toEqual(cancelled.map(idOf));
    const linesOfOrder = (way: Way) =>
      differing
        .filter(({ orderId }) => orderId === idOf(way))
        .flatMap(({ differences }) => differences)
        .map(({ kind, change, what, path }) => `${change} ${kind} ${what} ${path}`.trim())
        .sort();
    const parked = ['added parked shipping OrderCancelled'];
    expect(linesOfOrder('declined')).toEqual(
      [
        ...parked,
        'changed effect email mail/order-cancelled data.reason',
        'changed event orders.events OrderCancelled reason',
        'changed event outbox.events EmailNotification reason',
        'changed state order.order_events data.reason',
        'changed state order.orders reason',
        'changed read model OrderReadModel reason',
        'missing state shipping.shipments',
      ].sort(),
    );
    expect(linesOfOrder('not deliverable')).toEqual(
      [
        ...parked,
        'missing effect payment refund',
        'missing event payments.events PaymentRefunded',
        'missing state order.order_history',
        'changed state payment.payments state',
        'changed state payment.payments refund_id',
        ...[
          'payment.refunded',
          'payment.state',
          'remaining.refund',
          'steps.PaymentRefunded',
          'version',
          'waitsFor',
        ].map((path) => `changed read model OrderReadModel ${path}`),
      ].sort(),
    );
  });
});

describe('A fold of the read model that was changed', () => {
  it('shows field by field in the orders that it concerns, and in nothing but the read model', async () => {
    const there = copyWith({
      file: 'services/order-view/dist/sections.js',
      find: "PaymentFailed: (_, { code }) => ({ state: 'failed',",
      replace: "PaymentFailed: (_, { code }) => ({ state: 'completed',",
    });
    const { differing } = await against(there);
    expect(differing).toEqual([
      {
        orderId: idOf('declined'),
        differences: [
          {
            kind: 'read model',
            what: 'OrderReadModel',
            change: 'changed',
            path: 'payment.state',
            here: 'failed',
            there: 'completed',
          },
        ],
      },
    ]);
  });
});

describe('The command', () => {
  const program = join(root, 'packages/replay/dist/main.js');
  const start = (...args: string[]) =>
    spawn(process.execPath, [program, ...args, '--scratch', scratch], { stdio: ['ignore', 'pipe', 'pipe'] });

  it('that is interrupted throws its databases away', async () => {
    const file = join(folder, 'many.ndjson');
    await writeRecording(
      file,
      Array.from({ length: 500 }, (_, number) => recordOf('confirmed', number)),
    );
    const child = start('--against', root, '--recording', file);
    await eventually(async () => (await scratchDatabases()).length === 12, { what: 'it has begun' });
    child.kill('SIGINT');
    expect(await once(child, 'close')).toEqual([130, null]);
    expect(await scratchDatabases()).toEqual([]);
  });
});

/** The databases of all who react, beside the one that is given. */
const services = groupNames;

async function allIn(url: string): Promise<string> {
  const name = new URL(url).pathname.slice(1);
  await administer(services.map((service) => `CREATE DATABASE "${name}_${service}"`));
  return `${url}_{service}`;
}

async function dropAll(url: string): Promise<void> {
  const name = new URL(url).pathname.slice(1);
  await administer(services.map((service) => `DROP DATABASE "${name}_${service}" WITH (FORCE)`));
}

async function administer(statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: scratch });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}
