import { serviceNames } from '@skald/contracts';
import { eventually } from '@skald/testkit';
import { describe, expect, it } from 'vitest';
import { judge } from './judge.ts';
import { planOrders } from './order-mix.ts';
import { tellProgress } from './progress.ts';
import { nextApplied } from './recovery.ts';
import { useSystem } from './system.ts';
import { startWorkload, tally } from './workload.ts';

/** More than come while the rollout lasts. */
const ORDERS = 5_000;
const EVERY_MS = 80;
/** What Kubernetes and Compose are told to grant. */
const GRACE_MS = 10_000;

describe('a rollout', () => {
  const system = useSystem('rollout');

  it('ends each service in time and in order, under load, and loses nothing', async () => {
    const { stack, random, say } = system;
    const workload = startWorkload({
      addresses: stack.addresses,
      orders: planOrders(ORDERS, random),
      everyMs: EVERY_MS,
    });
    const stopTelling = tellProgress(system, workload);
    try {
      await eventually(() => workload.accepted.size > 20, { what: 'the load is steady' });
      for (const name of random.shuffled(serviceNames)) {
        const toldAt = Date.now();
        const exit = await stack.kill(name, 'SIGTERM');
        const tookMs = Date.now() - toldAt;
        say(`${name} ended with ${exit?.code ?? exit?.signal} after ${tookMs} ms`);
        expect.soft(exit, name).toEqual({ code: 0, signal: null });
        expect.soft(tookMs, name).toBeLessThan(GRACE_MS);
        await stack.ready(name);
        const appliedAt = await nextApplied(system, name);
        say(`${name} applies again ${appliedAt - toldAt} ms after it was told to stop`);
      }
      workload.close();
      await workload.done;
      say(`all have their answer: ${tally(workload.attempts.map(({ result }) => result))}`);
      await judge(system, workload);
    } finally {
      stopTelling();
    }
  });
});
