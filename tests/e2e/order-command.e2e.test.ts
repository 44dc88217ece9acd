import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { eventually } from '@skald/testkit';
import { describe, expect, it } from 'vitest';
import { type Ran, runProgram } from './run-program.ts';
import { addresses, expectInvariants, shop, whileDown } from './system.ts';

/** The command line's program, as `npm run order` starts it. */
const program = fileURLToPath(new URL('../../packages/order-cli/dist/main.js', import.meta.url));
const environment = {
  PATH: process.env['PATH'] ?? '',
  ORDER_URL: addresses.services['order'] ?? '',
  ORDER_VIEW_URL: addresses.services['order-view'] ?? '',
  KAFKA_BROKERS: addresses.kafka.brokers.join(','),
  TRACE_URL: 'http://traces.example/{traceId}',
};
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const order = (...args: readonly string[]): Promise<Ran> => runProgram(program, args, environment);

/** With --json: what it printed, a line each. */
async function orderJson<Line>(...args: readonly string[]): Promise<{ code: number | null; lines: Line[] }> {
  const { code, stdout, stderr } = await order(...args, '--json');
  if (code === 1 || code === 2) throw new Error(`order ${args.join(' ')} ended with ${code}: ${stderr}`);
  const lines = stdout.split('\n').filter((line) => line !== '');
  return { code, lines: lines.map((line) => JSON.parse(line) as Line) };
}

interface Told {
  readonly orderId: string;
  readonly status: string;
  readonly reason: string | null;
  readonly payment: { readonly state: string } | null;
  readonly remaining: readonly unknown[];
}

/** The command left to itself, with what it says so far. */
function startOrder(...args: readonly string[]) {
  const child = spawn(process.execPath, [program, ...args], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (part: Buffer) => (said.stdout += part.toString()));
  child.stderr.on('data', (part: Buffer) => (said.stderr += part.toString()));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { said, ended, kill: (signal: NodeJS.Signals) => child.kill(signal) };
}

describe('place', () => {
  it('prints the id of an order that is there, and the same one for the same key', async () => {
    const key = randomUUID();
    const [first, second] = [
      await order('place', '--idempotency-key', key),
      await order('place', '--idempotency-key', key),
    ];
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout.trim()).toMatch(UUID);
    expect(second.stdout).toBe(first.stdout);
    expect((await shop.getOrder(first.stdout.trim())).customerId).toBe('ada');
  });

  it.each([
    { args: [], code: 0, status: 'CONFIRMED', reason: null, payment: 'completed' },
    { args: ['--address', 'paris'], code: 0, status: 'CONFIRMED', reason: null, payment: 'completed' },
    {
      args: ['--card', 'declined'],
      code: 3,
      status: 'CANCELLED',
      reason: 'PAYMENT_DECLINED',
      payment: 'failed',
    },
    {
      args: ['--address', 'nowhere'],
      code: 3,
      status: 'CANCELLED',
      reason: 'ADDRESS_UNSERVICEABLE',
      payment: 'refunded',
    },
    { args: ['--sku', 'SKU-1000'], code: 3, status: 'CANCELLED', reason: 'OUT_OF_STOCK', payment: undefined },
  ])('with $args waits for its end: $status $reason', async ({ args, code, status, reason, payment }) => {
    const found = await orderJson<Told>('place', ...args, '--wait');
    expect(found.code).toBe(code);
    expect(found.lines).toMatchObject([{ status, reason, remaining: [] }]);
    expect(found.lines[0]?.payment?.state).toBe(payment);
  });

  it('places many, and tells how each ended', async () => {
    const { code, lines } = await orderJson<Told>('place', '--count', '25', '--wait');
    expect(code).toBe(0);
    expect(new Set(lines.map(({ orderId }) => orderId)).size).toBe(25);
    expect(new Set(lines.map(({ status }) => status))).toEqual(new Set(['CONFIRMED']));
    await expectInvariants(lines.map(({ orderId }) => orderId));
  });

  it('tells what is wrong with an order, field by field, and how to name products', async () => {
    const refused = await order(
      'place',
      '--sku',
      'SKU-0001:0',
      '--customer',
      'a b',
      '--email',
      'a@example.org',
    );
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('/customerId: ');
    expect(refused.stderr).toContain('/items/0/quantity: ');
    expect(await order('place', '--sku', 'SKU-0001:x')).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('show, trace and list', () => {
  it('tell of an order without an escape code where they are piped', async () => {
    const customer = `customer-${randomUUID()}`;
    const placed = await order('place', '--customer', customer, '--email', 'ada@example.org', '--wait');
    const orderId = /^order +(\S+)/m.exec(placed.stdout)?.[1] ?? '';
    const [shown, traced, listed] = [
      await order('show', orderId),
      await order('trace', orderId),
      await order('list', '--customer', customer),
    ];
    for (const { code, stdout } of [placed, shown, traced, listed]) {
      expect(code).toBe(0);
      expect(stdout).not.toContain('\u001b');
    }
    expect(placed.stderr).not.toContain('\u001b');
    expect(shown.stdout).toMatch(/^status +CONFIRMED$/m);
    expect(shown.stdout).toMatch(/payment: charge +PaymentCompleted +payments\.events\/\d+@\d+/);
    expect(traced.stdout).toMatch(/^trace +([0-9a-f]{32})\nlink +http:\/\/traces\.example\/\1$/m);
    expect(traced.stdout).toMatch(/ {2}├─ StockReserved .+\n.+ {2}│ {2}└─ PaymentCompleted/);
    expect(listed.stdout).toMatch(new RegExp(`^${orderId} +CONFIRMED +${customer} `, 'm'));
    expect(listed.stdout).toContain('\n1 order\n');
  });

  it('say so where there is no such order, and what to start where nobody answers', async () => {
    const nobody = '01900000-0000-7000-8000-000000000000';
    expect(await order('show', nobody)).toMatchObject({ code: 1, stderr: `There is no order ${nobody}\n` });
    const away = await order('list', '--order-view-url', 'http://127.0.0.1:9');
    expect(away.code).toBe(1);
    expect(away.stderr).toMatch(/no answer from order-view at .*`npm start` starts it/);
  });
});

describe('cancel', () => {
  it('waits until all is taken back, and tells what was', async () => {
    const cancelled = await whileDown('payment', async () => {
      const { orderId } = await shop.placeOrder();
      await shop.waitForOrder(orderId, ({ history }) =>
        history.some(({ event }) => event === 'StockReserved'),
      );
      return order('cancel', orderId);
    });
    expect(cancelled.code, cancelled.stderr).toBe(0);
    expect(cancelled.stdout).toMatch(/^CANCELLED, CANCELLED_BY_CUSTOMER after /);
    expect(cancelled.stdout).toMatch(/^stock +released: 1 × SKU-/m);
    expect(cancelled.stdout).toMatch(/^payment +nothing was charged$/m);
    expect(cancelled.stdout).toMatch(/^mails .*order-cancelled sent/m);
  });

  it('of a confirmed order is refused', async () => {
    const { orderId } = await shop.placeOrder();
    await shop.waitForEnd(orderId);
    const refused = await order('cancel', orderId);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain(`Order ${orderId} is confirmed, and can't be cancelled any more`);
  });
});

describe('watch', () => {
  it('tells each step of an order, and ends with it', async () => {
    const { orderId } = await shop.placeOrder({ paymentMethod: 'tok_chargeDeclined' });
    const watched = await order('watch', orderId);
    expect(watched.code).toBe(3);
    expect(watched.stdout).toMatch(/PaymentFailed +payment: charge/);
    expect(watched.stdout.trim().split('\n').at(-1)).toMatch(/^CANCELLED, PAYMENT_DECLINED after /);
  });

  it('goes on where it was when the server restarts, and ends well with Ctrl-C', async () => {
    const watching = startOrder('watch', '--json');
    await eventually(async () => watching.said.stderr.includes('Watching all orders'), {
      what: 'it watches',
    });
    const before = (await shop.placeOrder()).orderId;
    await eventually(async () => watching.said.stdout.includes(before), { what: 'the first order shows' });
    const meanwhile = await whileDown('order-view', async () => (await shop.placeOrder()).orderId);
    await eventually(
      async () =>
        watching.said.stdout
          .split('\n')
          .some((line) => line.includes(meanwhile) && line.includes('"ShipmentDispatched"')),
      { what: 'the order that was placed while it was down shows' },
    );
    watching.kill('SIGINT');
    expect(await watching.ended).toBe(0);
    const events = watching.said.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { orderId: string; topic: string; sequence: number })
      .map(({ orderId, topic, sequence }) => `${orderId} ${topic} ${sequence}`);
    expect(events).toHaveLength(new Set(events).size);
    expect(events.filter((name) => name.startsWith(`${meanwhile} orders.events`))).toHaveLength(2);
  });
});
