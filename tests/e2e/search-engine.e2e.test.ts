import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Stack, startStack } from '@skald/local-stack';
import { ask, createShop, eventually, type Shop, send } from '@skald/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runProgram } from './run-program.ts';

// A stack of its own, as `npm start -- --search --only order,inventory,order-view` starts it: the others' order-view reads Postgres.
let directory: string;
let stack: Stack;
let shop: Shop;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'skald-search-e2e-'));
  stack = await startStack({
    directory,
    services: ['order', 'inventory'],
    companions: ['order-view'],
    search: true,
  });
  shop = createShop(stack.addresses);
});
afterAll(async () => {
  await stack?.stop();
  await rm(directory, { recursive: true, force: true });
});

const view = (path: string) => `${stack.addresses.services['order-view']}${path}`;
const PATIENCE = { timeoutMs: 60_000 };
const program = fileURLToPath(new URL('../../services/order-view/dist/rebuild-main.js', import.meta.url));

/** As `npm run rebuild` does it next to this stack. */
async function rebuild(...args: readonly string[]): Promise<unknown> {
  const { code, stdout, stderr } = await runProgram(program, ['--directory', directory, '--json', ...args], {
    PATH: process.env['PATH'],
  });
  if (code !== 0) throw new Error(`exit code ${code}: ${stderr}`);
  return JSON.parse(stdout);
}

interface Page {
  readonly orders: readonly { readonly orderId: string }[];
  readonly facets: { readonly total: number; readonly isWhole: boolean };
}

const foundBy = async (customerId: string) => {
  const { orders, facets } = await ask<Page>(view(`/orders?customerId=${customerId}&text=lamp`));
  return { ids: orders.map(({ orderId }) => orderId), total: facets.total };
};

it('an order that was just placed is read from the search engine, and found there', async () => {
  expect(await (await fetch(view('/readyz'))).text()).toContain('into the search engine');
  const { orderId } = await shop.placeOrder({
    customerId: 'searcher',
    items: [{ sku: 'SKU-0001', quantity: 1 }],
  });
  // It waits for 5 s; those who follow the topics may only just be joining their groups.
  const seen = await eventually(() => ask(view(`/orders/${orderId}?after=1`)), PATIENCE);
  expect(seen).toMatchObject({ orderId, customerId: 'searcher' });
  await eventually(async () => (await foundBy('searcher')).total === 1, { what: 'the order is found' });
  expect(await foundBy('searcher')).toEqual({ ids: [orderId], total: 1 });
  const { steps } = await eventually(
    () => ask<{ steps: readonly { event: string }[] }>(view(`/orders/${orderId}/timeline?after=2`)),
    PATIENCE,
  );
  expect(steps.map(({ event }) => event)).toEqual(['OrderCreated', 'StockReserved']);
}, 120_000);

it('while the search engine is away orders are taken, and found when it is back', async () => {
  const customerId = 'patient';
  await stack.stopProcess('search');
  const { orderId } = await shop.placeOrder({ customerId, items: [{ sku: 'SKU-0001', quantity: 1 }] });
  const refused = await send(view(`/orders?customerId=${customerId}`));
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).not.toBeNull();
  expect((await send(view('/readyz'))).status).toBe(200);
  await stack.startProcess('search');
  await eventually(async () => (await foundBy(customerId)).ids.includes(orderId), {
    ...PATIENCE,
    what: 'the order is found',
  });
  expect((await foundBy('searcher')).total).toBe(1);
}, 240_000);

it('its index is built again from the log beside the live one, switched to, and gone back from', async () => {
  const customerId = 'rebuilt';
  const place = () => shop.placeOrder({ customerId, items: [{ sku: 'SKU-0001', quantity: 1 }] });
  const finds = (total: number) =>
    eventually(async () => (await foundBy(customerId)).total === total, {
      ...PATIENCE,
      what: `${total} orders are found`,
    });
  await place();
  await finds(1);
  expect(await rebuild()).toMatchObject({
    verdict: 'same',
    isSwitched: true,
    generation: 2,
    comparison: { differences: 0 },
    kept: [1],
  });
  expect((await foundBy(customerId)).total).toBe(1);
  await place();
  await finds(2);
  // It has missed one order, and learns of it first.
  expect(await rebuild('--rollback')).toEqual({ from: 2, to: 1 });
  expect((await foundBy(customerId)).total).toBe(2);
  await place();
  await finds(3);
}, 240_000);
