import { eventually } from '@skald/testkit';
import type { System } from './system.ts';

const PATIENCE_MS = 60_000;

/** Instances of the five services: order, order-2, … */
export const instancesOf = ({ stack }: System): string[] => Object.keys(stack.addresses.services);

/** As long as a machine may take that has a lot to do, ms. */
const READY_MS = 240_000;

/** Waits until these processes answer, be it after more than one start. */
export async function untilReady({ stack }: Pick<System, 'stack'>, names: readonly string[]): Promise<void> {
  const isReady = (name: string) => stack.ready(name).then(() => true);
  await Promise.all(
    names.map((name) => eventually(() => isReady(name), { timeoutMs: READY_MS, what: `${name} answers` })),
  );
}

/** Waits for the first order that is confirmed after the given time, epoch ms. Answers when. */
export async function nextConfirmed({ databases }: System, after: number): Promise<number> {
  const first = `SELECT extract(epoch FROM min(at)) * 1000 AS at FROM order_events WHERE name = 'OrderConfirmed' AND at > $1`;
  return await eventually(
    async () => {
      const [row] = await databases.query<{ at: string | null }>('order', first, [new Date(after)]);
      return row?.at == null ? undefined : Math.round(Number(row.at));
    },
    { timeoutMs: PATIENCE_MS, what: 'an order is confirmed' },
  );
}
