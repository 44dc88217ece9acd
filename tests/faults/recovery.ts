import { eventually, send } from '@skald/testkit';
import type { System } from './system.ts';

const PATIENCE_MS = 60_000;

/** Instances of the five services: order, order-2, … */
export const instancesOf = ({ stack }: System): string[] => Object.keys(stack.addresses.services);

/** Waits until this instance, which has just been started, has applied a message. Answers when, epoch ms. */
export async function nextApplied({ stack }: System, instance: string): Promise<number> {
  const url = `${stack.addresses.services[instance]}/metrics`;
  await eventually(async () => countApplied((await send(url)).text) > 0, {
    timeoutMs: PATIENCE_MS,
    what: `${instance} has applied a message`,
  });
  return Date.now();
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

/** What a rule has applied or remembered; not duplicates, which a restart brings. */
function countApplied(metrics: string): number {
  const samples = metrics.matchAll(
    /^messaging_messages_total\{[^}]*outcome="(?:applied|remembered)"[^}]*\} (\d+)/gm,
  );
  return [...samples].reduce((total, [, value]) => total + Number(value), 0);
}
