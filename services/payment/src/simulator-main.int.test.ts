import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const program = fileURLToPath(new URL('../dist/simulator-main.js', import.meta.url));
const charge = { orderId: 'order-1', amount: 4_990, currency: 'EUR', paymentMethod: 'tok_visa' };

let folder: string;
let running: ChildProcess | undefined;
beforeEach(async () => {
  expect(existsSync(program), 'build first: npm run build').toBe(true);
  folder = await mkdtemp(join(tmpdir(), 'skald-simulator-'));
});
afterEach(async () => {
  await end('SIGKILL');
  await rm(folder, { recursive: true });
});

/** Starts the program, and resolves with its address once it listens. */
async function start(environment: Record<string, string> = {}): Promise<string> {
  const env = { ...process.env, HTTP_PORT: '0', LEDGER_FILE: join(folder, 'ledger'), ...environment };
  running = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  if (running.stdout === null) throw new Error('No output to read');
  for await (const line of createInterface(running.stdout)) {
    const address = /http:\/\/[\d.:]+/.exec(line)?.[0];
    if (address !== undefined) return address;
  }
  throw new Error('It ended before it listened');
}

async function end(signal: NodeJS.Signals): Promise<number | null> {
  if (running === undefined || running.exitCode !== null || running.signalCode !== null) return null;
  const exited = once(running, 'exit') as Promise<[number | null]>;
  running.kill(signal);
  return (await exited)[0];
}

async function post(
  address: string,
  path: string,
  body: object | string,
  headers: Record<string, string> = {},
) {
  const response = await fetch(`${address}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': 'key', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const get = async (address: string, path: string): Promise<unknown> =>
  (await fetch(`${address}${path}`)).json();

describe('the simulator, as a process', () => {
  it('forgets nothing when it is killed', async () => {
    const first = await start();
    const charged = await post(first, '/charges', charge);
    expect(charged.status).toBe(201);
    const { chargeId } = charged.body;
    const refund = { chargeId, amount: 990, currency: 'EUR' };
    const refunded = await post(first, '/refunds', refund, { 'idempotency-key': 'refund' });
    expect(refunded.status).toBe(201);
    await end('SIGKILL');

    const second = await start();
    expect(await get(second, '/charges?orderId=order-1')).toEqual([
      {
        chargeId,
        orderId: 'order-1',
        amount: 4_990,
        currency: 'EUR',
        status: 'succeeded',
        refundedAmount: 990,
      },
    ]);
    expect(await post(second, '/charges', charge)).toEqual(charged);
    expect(await post(second, '/refunds', refund, { 'idempotency-key': 'refund' })).toEqual(refunded);
  });

  it('stops when told to, also with an answer held back, and exits with 0', async () => {
    const address = await start();
    const held = post(address, '/charges', { ...charge, paymentMethod: 'tok_timeout' }).catch(
      () => 'hung up',
    );
    await expect.poll(() => get(address, '/charges?orderId=order-1')).toHaveLength(1);
    expect(await end('SIGTERM')).toBe(0);
    await held;
  });

  it('does not start with a wrong configuration, and says what is wrong', async () => {
    await expect(start({ HTTP_PORT: 'eighty' })).rejects.toThrow();
    await expect.poll(() => running?.exitCode).toBe(78);
  });

  it('lists charges in pages', async () => {
    const address = await start();
    for (const key of ['1', '2', '3']) await post(address, '/charges', charge, { 'idempotency-key': key });
    const response = await fetch(`${address}/charges?limit=2`);
    expect(await response.json()).toHaveLength(2);
    const next = /<(.+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
    expect(await get(address, next ?? '')).toHaveLength(1);
  });

  it('answers what it cannot read with an error in its own words', async () => {
    const address = await start();
    const code = async (answer: ReturnType<typeof post>) => {
      const { status, body } = await answer;
      return [status, (body['error'] as { code: string }).code];
    };
    expect(await code(post(address, '/charges', '{'))).toEqual([400, 'invalid_request']);
    expect(await code(post(address, '/charges', { ...charge, amount: '4990' }))).toEqual([
      400,
      'invalid_request',
    ]);
    expect(await code(post(address, '/charges', { ...charge, tip: 1 }))).toEqual([400, 'invalid_request']);
    expect(await code(post(address, '/charges', charge, { 'idempotency-key': '' }))).toEqual([
      400,
      'invalid_request',
    ]);
    expect(await code(post(address, '/charges', 'x', { 'content-type': 'text/plain' }))).toEqual([
      415,
      'invalid_request',
    ]);
    expect(await get(address, '/charges')).toEqual([]);
    for (const path of ['/livez', '/readyz']) expect(await get(address, path)).toEqual({ status: 'ok' });
  });
});
