import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AuditReport, audit, type Charge, readEntry } from '@skald/auditor';
import { schemaOf, subjectOf, typeFor } from '@skald/contracts';
import { connectStack, eventually, send, waitForRest } from '@skald/testkit';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { runProgram } from './run-program.ts';
import { addresses, foreignSource, forgedSource, shop } from './system.ts';

const program = fileURLToPath(new URL('../../packages/auditor/dist/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'skald-audit-'));
const servers: Server[] = [];
/** What other files have put into the topics is theirs. */
const options = { mailboxIsWhole: true, ignoreSources: [foreignSource] } as const;
let orderId: string;
let administratorUrl: string;

// Each of these reads the whole system several times, some of it in a process of its own.
vi.setConfig({ testTimeout: 180_000 });

beforeAll(async () => {
  ({ administratorUrl } = await connectStack(inject('e2eStack')));
  writeState(addresses.paymentProvider);
  ({ orderId } = await shop.placeOrder());
  await waitForRest(addresses, [orderId]);
});
afterAll(() => {
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true });
});

/** As a stack publishes it in its data folder. */
function writeState(paymentProvider: string): void {
  const { kafka, registry, auditor, mail } = addresses;
  const witnesses = { kafka, registry, auditor, mail, paymentProvider };
  writeFileSync(join(folder, 'state.json'), JSON.stringify({ ports: {}, passwords: {}, witnesses }));
}

/** The command, as `npm run audit` runs it. */
async function command(...args: string[]) {
  const { code, stdout: out, stderr: error } = await runProgram(program, ['--directory', folder, ...args]);
  return { code, out, error };
}

const auditByCommand = () => command('--ignore-source', foreignSource);
const auditJson = async (...args: string[]): Promise<AuditReport & { code: number | null }> => {
  const { code, out, error } = await command('--json', '--ignore-source', foreignSource, ...args);
  if (out === '') throw new Error(error);
  return { ...(JSON.parse(out) as AuditReport), code };
};
const told = ({ violations }: AuditReport) =>
  violations.map(({ invariant, subject, says }) => `${invariant} ${subject} ${says}`);

/** With the superuser: no service's role and no auditor could. */
async function inDatabase<Row extends pg.QueryResultRow>(name: string, text: string, values: unknown[] = []) {
  const url = new URL(administratorUrl);
  url.pathname = name;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}

/** A provider whose ledger says something else. */
async function serveLedger(change: (charges: Charge[]) => Charge[]): Promise<string> {
  const server = createServer((request, response) => {
    fetch(`${addresses.paymentProvider}${request.url}`)
      .then((answer) => answer.json() as Promise<Charge[]>)
      .then((charges) => response.writeHead(200).end(JSON.stringify(change(charges))))
      .catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('An audit of the running system', () => {
  it('never takes what is on its way for a violation, while orders flow', async () => {
    const ids: string[] = [];
    let isFlowing = true;
    const flow = async () => {
      for (let count = 0; isFlowing; count += 1) {
        const paymentMethod = ['tok_visa', 'tok_chargeDeclined', 'tok_slow', 'tok_visa'][count % 4] as string;
        const { orderId: id } = await shop.placeOrder({ paymentMethod });
        ids.push(id);
        if (count % 5 === 0) await shop.cancelOrder(id);
      }
    };
    const flowing = flow();
    const reports = [await audit(addresses, options), await audit(addresses, options)];
    isFlowing = false;
    await flowing;
    expect(reports.flatMap(told)).toEqual([]);
    expect(reports.some(({ totals }) => totals.inFlight > 0)).toBe(true);
    for (const wait of reports.flatMap(({ inFlight }) => inFlight)) expect(wait.step).toMatch(/^[a-z]+/);
    await waitForRest(addresses, ids);
  });

  it('says at rest that all is well, with what was looked at, and exits with 0', async () => {
    await waitForRest(addresses, [orderId]);
    const { code, out } = await auditByCommand();
    expect({ code, out }).toMatchObject({
      code: 0,
      out: expect.stringContaining('0 in flight, 0 stuck: clean'),
    });
    expect(out).toMatch(/ 5 {2}charges − refunds = the total, or nothing +[1-9]\d* {2}ok/);
    expect(out).toMatch(/ 1 {2}every order answered with 2xx exists +0 {2}nothing to check/);
  });

  it('holds the orders that it is told of against those that there are', async () => {
    const accepted = join(folder, 'accepted');
    const nobody = randomUUID();
    writeFileSync(accepted, `${orderId}\n${nobody}\n`);
    const report = await auditJson('--accepted', accepted);
    expect(report.code).toBe(1);
    expect(told(report)).toEqual([`1 ${nobody} was accepted, and does not exist`]);
  });

  it('says of an order that waits which step it waits for, whose that is, and that it is stuck', async () => {
    const stack = await connectStack(inject('e2eStack'));
    await stack.stop('shipping');
    try {
      const { orderId: id } = await shop.placeOrder();
      await shop.waitForOrder(id, ({ history }) => history.some(({ event }) => event === 'PaymentCompleted'));
      const report = await audit(addresses, { ...options, stuckAfterMs: 1 });
      expect(told(report)).toEqual([]);
      expect(report.stuck.find(({ subject }) => subject === id)).toMatchObject({
        service: 'shipping',
        step: 'book',
        because: expect.stringMatching(/^has not applied/),
      });
    } finally {
      await stack.start('shipping');
    }
    await waitForRest(addresses);
  });

  it('can not be made while a witness is away: exit code 2, and its name', async () => {
    const { code, error } = await command('--payment-provider', 'http://127.0.0.1:1');
    expect({ code, error }).toMatchObject({
      code: 2,
      error: expect.stringContaining("the payment provider can't be asked"),
    });
    const usage = await command('--stuck-after', 'soon');
    expect(usage).toMatchObject({
      code: 2,
      error: expect.stringContaining('--stuck-after is a time such as 30s, not soon'),
    });
  });
});

describe('An outbox entry', () => {
  it('is unpacked as the database unpacks it for people', async () => {
    const told = await inDatabase<{ topic: string; key: string; headers: Record<string, string> }>(
      'order',
      'SELECT topic, key, headers FROM messaging.outbox_view ORDER BY position, item LIMIT 40',
    );
    const entries = await inDatabase<{ entry: Buffer }>(
      'order',
      'SELECT entry FROM messaging.outbox ORDER BY position LIMIT 40',
    );
    const read = entries.flatMap(({ entry }) => readEntry(entry)).slice(0, told.length);
    expect(told.length).toBeGreaterThan(2);
    expect(read.map(({ topic, key, headers }) => ({ topic, key: key?.toString(), headers }))).toEqual(told);
  });
});

describe('A violation that was planted', () => {
  it('in a database is seen: a reservation that is gone', async () => {
    const [row] = await inDatabase<{ state: string; lines: unknown }>(
      'inventory',
      'DELETE FROM reservations WHERE order_id = $1 RETURNING state, lines',
      [orderId],
    );
    try {
      const { code, out } = await auditByCommand();
      expect(code).toBe(1);
      expect(out).toMatch(/^ {2}4 {2}SKU-\d+ {2}\d+ are shipped, by the reservations of orders \d+$/m);
      expect(out).toContain(`7  ${orderId}  its reservation is none`);
    } finally {
      await inDatabase('inventory', 'INSERT INTO reservations (order_id, state, lines) VALUES ($1, $2, $3)', [
        orderId,
        row?.state,
        JSON.stringify(row?.lines),
      ]);
    }
    expect(told(await audit(addresses, options))).toEqual([]);
  });

  it('in an inbox is seen: an event that was never applied', async () => {
    const [row] = await inDatabase<{ applied: string }>(
      'inventory',
      `UPDATE messaging.inbox AS i SET applied = '{}' FROM messaging.inbox AS old
       WHERE i.key = $1 AND old.key = i.key RETURNING old.applied::text AS applied`,
      [orderId],
    );
    try {
      const report = await auditJson();
      expect(report.code).toBe(1);
      expect(told(report).join('\n')).toContain(`13 ${orderId} inventory has consumed OrderCreated`);
      expect(report.totals.lost).toBeGreaterThan(0);
    } finally {
      await inDatabase('inventory', 'UPDATE messaging.inbox SET applied = $2::int[] WHERE key = $1', [
        orderId,
        row?.applied,
      ]);
    }
    expect(told(await audit(addresses, options))).toEqual([]);
  });

  it('in the ledger is seen: a second charge, and a total that is not the order’s', async () => {
    const paymentProvider = await serveLedger((charges) =>
      charges.flatMap((charge) =>
        charge.orderId === orderId ? [charge, { ...charge, chargeId: `${charge.chargeId}-again` }] : [charge],
      ),
    );
    const report = await auditJson('--payment-provider', paymentProvider);
    expect(report.code).toBe(1);
    expect(told(report)).toContain(`5 ${orderId} was charged 2 times`);
    expect(report.totals.duplicated).toBeGreaterThan(0);
    expect(new Set(report.violations.map(({ subject }) => subject))).toEqual(new Set([orderId]));
  });

  it('in a topic is seen: a forged record that nobody has committed, and its twin', async () => {
    const key = randomUUID();
    const { body } = await send<{ id: number }>(
      `${addresses.registry}/subjects/${subjectOf('OrderCancelled')}`,
      {
        method: 'POST',
        body: { schema: JSON.stringify(schemaOf('OrderCancelled')) },
      },
    );
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(body.id, 1);
    const cancelled = { orderId: key, reason: 'OUT_OF_STOCK', cancelledAt: Date.now() };
    const value = Buffer.concat([prefix, typeFor(schemaOf('OrderCancelled')).toBuffer(cancelled)]);
    const forged = () => ({
      key,
      value,
      headers: {
        ce_specversion: '1.0',
        ce_id: randomUUID(),
        ce_type: 'OrderCancelled',
        ce_source: forgedSource,
        ce_time: new Date().toISOString(),
        ce_sequence: '1',
        'content-type': 'application/avro',
      },
    });
    const kafka = new Kafka({
      clientId: 'e2e',
      brokers: [...addresses.kafka.brokers],
      logLevel: logLevel.NOTHING,
    });
    const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
    const sent = await producer.send({ topic: 'orders.events', messages: [forged(), forged()] });
    await producer.disconnect();

    const report = await auditJson();
    expect(report.code).toBe(1);
    const place = `orders.events/${sent[0]?.partition}@`;
    const lines = told(report).join('\n');
    expect(lines).toContain(`9 ${key} OrderCancelled is by ${forgedSource} (${place}${sent[0]?.baseOffset})`);
    expect(lines).toMatch(
      new RegExp(`10 orders.events ${key} has two events with the sequence 1 \\(${place}\\d+\\)`),
    );
    expect(lines).toMatch(new RegExp(`3 ${key} has events \\(${place}\\d+\\), and is no order`));
    expect(new Set(report.violations.map(({ subject }) => subject))).toEqual(
      new Set([key, `orders.events ${key}`]),
    );
    // Whoever is told to leave them out sees nothing of it.
    await waitForRest(addresses);
    const without = { ...options, ignoreSources: [foreignSource, forgedSource] };
    expect(told(await audit(addresses, without))).toEqual([]);
  });
});

describe('The metrics', () => {
  it('tell of the last audit, and the process ends with 0 at SIGTERM', async () => {
    const child = spawn(
      process.execPath,
      [program, '--directory', folder, '--every', '2s', '--port', '0', '--ignore-source', foreignSource],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let error = '';
    child.stderr.on('data', (chunk: Buffer) => (error += chunk.toString()));
    const url = await eventually(() => /http:[^\s,]+/.exec(error)?.[0], { what: 'the metrics are served' });
    const metrics = await eventually(
      async () => {
        const { text } = await send(url);
        return text.includes('\nskald_audit_up 1\n') && text;
      },
      { what: 'an audit was made', timeoutMs: 40_000 },
    );
    expect(metrics).toMatch(/^skald_audit_violations\{invariant="4"\} 0$/m);
    // The forged records are still there.
    expect(metrics).toMatch(/^skald_audit_violations\{invariant="10"\} [1-9]/m);
    expect(metrics).toMatch(/^skald_audit_orders\{state="settled"\} [1-9]/m);
    expect(metrics).toMatch(/^skald_audit_duration_seconds \d/m);
    child.kill('SIGTERM');
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(0);
  });
});
