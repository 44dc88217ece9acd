import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectStack, createOrderRequest, waitForRest } from '@skald/testkit';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { runProgram } from './run-program.ts';
import { addresses, foreignSource, forgedSource, shop } from './system.ts';

// Each of these starts processes, and reads the whole log.
vi.setConfig({ testTimeout: 180_000 });

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'skald-replay-'));
const unserviceable = { ...createOrderRequest().shippingAddress, postalCode: '00000' };
const NOBODY = '01900000-0000-7000-8000-000000000000';
const placed: string[] = [];
let from: string;
let cancelled: string;
let scratch: string;

beforeAll(async () => {
  ({ administratorUrl: scratch } = await connectStack(inject('e2eStack')));
  const { kafka, registry, auditor } = addresses;
  writeFileSync(join(folder, 'state.json'), JSON.stringify({ witnesses: { kafka, registry, auditor } }));
  from = new Date().toISOString();
  for (const overrides of [
    {},
    { paymentMethod: 'tok_chargeDeclined' },
    { items: [{ sku: 'SKU-1000', quantity: 1 }] },
    { shippingAddress: unserviceable },
    { paymentMethod: 'tok_slow' },
  ]) {
    placed.push((await shop.placeOrder(overrides)).orderId);
  }
  cancelled = placed.at(-1) ?? '';
  await shop.waitForOrder(cancelled, ({ history }) => history.some(({ event }) => event === 'StockReserved'));
  await shop.cancelOrder(cancelled);
  await waitForRest(addresses, placed);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The command, as `npm run replay` runs it. */
async function replay(...args: string[]) {
  const ignored = [foreignSource, forgedSource].flatMap((source) => ['--ignore-source', source]);
  const program = join(root, 'packages/replay/dist/main.js');
  const all = ['--directory', folder, ...ignored, ...args];
  const { code, stdout: out, stderr: error } = await runProgram(program, all);
  return { code, out, error };
}

async function replayJson<Answer>(...args: string[]): Promise<Answer> {
  const { code, out, error } = await replay('--json', ...args);
  expect(code, error).toBe(0);
  return JSON.parse(out) as Answer;
}

describe('A replay of the orders that the system has handled', () => {
  it('calls no provider and sends no mail, and its handlers make no difference to themselves', async () => {
    const outside = async () => ({ charges: await shop.listCharges(), mails: (await shop.mails()).length });
    const before = await outside();
    const recording = join(folder, 'recording.ndjson');
    await replayJson('--record', recording, '--from', from);
    expect(readFileSync(recording, 'utf8')).not.toMatch(/@customers\.example|Sturluson|Reykholt/);
    const against = ['--against', root, '--recording', recording, '--scratch', scratch];
    const found = await replayJson<{ otherThanRecorded: string[] }>(...against);
    expect(found).toMatchObject({ verdict: 'same', orders: placed.length, differing: [], unanswered: [] });
    // Whether payment heard of the stock or of the cancel first is not recorded.
    expect(found.otherThanRecorded.filter((id) => id !== cancelled)).toEqual([]);
    await waitForRest(addresses);
    expect(await outside()).toEqual(before);
  });

  it('agrees with the order service’s database while the system is at work', async () => {
    const verifying = replayJson<{ orders: number }>('--verify');
    placed.push((await shop.placeOrder()).orderId);
    const found = await verifying;
    expect(found).toMatchObject({ verdict: 'same', disagreements: [] });
    expect(found.orders).toBeGreaterThanOrEqual(5);
  });
});

describe('A replay of one order', () => {
  it('tells what each service made of it, up to the moment that is asked for', async () => {
    const id = placed[0] ?? '';
    const { out } = await replay('--order', id);
    expect(out).toMatch(/ShipmentScheduled +order +pending → confirmed +apply; publishes OrderConfirmed/);
    expect(out).not.toContain('\u001b');
    const whole = await replayJson<{ states: object; doubts: string[] }>('--order', id);
    expect(whole.doubts).toEqual([]);
    expect(whole.states).toMatchObject({
      order: { state: 'confirmed' },
      inventory: { state: 'shipped' },
      payment: { state: 'completed' },
      shipping: { state: 'dispatched' },
      email: { state: 'sent + sent' },
    });
    const early = await replayJson<{ states: object }>('--order', id, '--at', '+0s');
    expect(early.states).toMatchObject({ order: { state: 'pending' }, shipping: { state: 'none' } });
  });

  it('says so where nobody has heard of it, and where it had not begun', async () => {
    expect(await replay('--order', NOBODY)).toMatchObject({
      code: 1,
      error: expect.stringContaining(`There is no order ${NOBODY} in the topics`),
    });
    expect(await replay('--order', placed[0] ?? '', '--at', '2020-01-01T00:00:00Z')).toMatchObject({
      code: 1,
      error: expect.stringContaining('there was nothing of it'),
    });
  });
});
