import { CommandError } from '@skald/command-line';
import { createFakeTerminal } from '@skald/testkit';
import { describe, expect, it } from 'vitest';
import { exampleOrders } from '../tests/example-orders.ts';
import { placeMany } from './burst.ts';
import { type Options, parseOptions } from './options.ts';
import type { Order } from './order.ts';
import type { Shop } from './shop.ts';

const { confirmed, cancelled } = exampleOrders;

/** A shop in which the n-th order ends as `endOf` says; undefined: it is refused. An end is told before its POST is answered. */
function createShopOf(endOf: (number: number) => Order | undefined) {
  const keys = new Set<string>();
  const ends: Order[] = [];
  let wake = () => {};
  const shop: Pick<Shop, 'place' | 'position' | 'follow'> = {
    position: async () => '0',
    async place(_request, key) {
      keys.add(key);
      const end = endOf(keys.size);
      if (end === undefined) throw new CommandError('Unknown products\n  /items/0/sku: is sold by nobody');
      const orderId = `order-${keys.size}`;
      ends.push({ ...end, orderId, status: 'PENDING' }, { ...end, orderId });
      wake();
      return { orderId, status: 'PENDING', version: 1 };
    },
    async *follow() {
      for (;;) {
        yield* ends.splice(0);
        if (ends.length > 0) continue;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
  return { shop: shop as Shop, keys };
}

async function burst(
  endOf: Parameters<typeof createShopOf>[0],
  columns: number | undefined,
  ...args: string[]
) {
  const terminal = createFakeTerminal(columns === undefined ? {} : { columns });
  const { shop, keys } = createShopOf(endOf);
  const options = parseOptions(['place', ...args], 0, () => undefined) as Options & { command: 'place' };
  const { signal } = new AbortController();
  const code = await placeMany(shop, options, { json: options.json, signal }, terminal);
  return { code, keys, stdout: terminal.stdout, stderr: terminal.stderr };
}

describe('A burst of orders', () => {
  it('has a key for each, and prints an id a line where it is piped', async () => {
    const { code, keys, stdout, stderr } = await burst(() => confirmed, undefined, '--count', '20');
    expect([code, keys.size]).toEqual([0, 20]);
    expect(stdout.trim().split('\n').sort()).toEqual(
      Array.from({ length: 20 }, (_, at) => `order-${at + 1}`).sort(),
    );
    expect(stderr).toMatch(/20 placed in /);
  });

  it('shows its progress on a terminal, and no ids', async () => {
    const { stdout, stderr } = await burst(() => confirmed, 80, '--count', '20');
    expect(stdout).toBe('');
    expect(stderr).toContain('20 of 20');
  });

  it('is told by its ends, once all are there', async () => {
    const endOf = (number: number) => (number % 4 === 0 ? cancelled : confirmed);
    const { code, stdout, stderr } = await burst(endOf, undefined, '--count', '12', '--wait', '--json');
    expect(code).toBe(3);
    const ends = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { status: string });
    expect(ends.filter(({ status }) => status === 'CONFIRMED')).toHaveLength(9);
    expect(ends.filter(({ status }) => status === 'CANCELLED')).toHaveLength(3);
    expect(stderr).toMatch(/^CONFIRMED +9 /m);
    expect(stderr).toMatch(/^CANCELLED, CANCELLED_BY_CUSTOMER +3 /m);
  });

  it('says how many were refused, and why the first was', async () => {
    const { code, stderr } = await burst(
      (number) => (number > 3 ? undefined : confirmed),
      undefined,
      '--count',
      '5',
      '--wait',
    );
    expect(code).toBe(1);
    expect(stderr).toContain('2 refused, the first: Unknown products\n  /items/0/sku: is sold by nobody');
  });
});
