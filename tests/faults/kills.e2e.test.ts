import { describe, expect, it } from 'vitest';
import { makeAssignmentsCross, readAssignments, shareOfCrossing } from './crossing.ts';
import { fire, planKills } from './fault-plan.ts';
import { judge } from './judge.ts';
import { planOrders } from './order-mix.ts';
import { tellProgress } from './progress.ts';
import { instancesOf } from './recovery.ts';
import { type System, useSystem } from './system.ts';
import { startWorkload, tally, type Workload } from './workload.ts';
import { makeZombies } from './zombies.ts';

const ORDERS = 500;
const EVERY_MS = 60;

/** Orders come at a steady rate while something is done to the system; answers when each customer has an answer. */
async function underLoad(
  system: System,
  orders: number,
  work: (workload: Workload) => Promise<void>,
): Promise<Workload> {
  const { stack, random, say } = system;
  const workload = startWorkload({
    addresses: stack.addresses,
    orders: planOrders(orders, random),
    everyMs: EVERY_MS,
  });
  const stopTelling = tellProgress(system, workload);
  try {
    await Promise.all([workload.done, work(workload).finally(() => workload.close())]);
  } finally {
    stopTelling();
  }
  say(`all have their answer: ${tally(workload.attempts.map(({ result }) => result))}`);
  return workload;
}

/** Five hundred orders, and everything killed once while they come. */
const killEverything = (system: System): Promise<Workload> =>
  underLoad(system, ORDERS, async (workload) => {
    await fire(system, workload, planKills(instancesOf(system), ORDERS, system.random));
    await workload.done;
  });

describe('with one instance of every service', () => {
  const system = useSystem('kills, 1 instance');

  it('every order reaches its end while every service, the broker and Postgres are killed', async () => {
    const workload = await killEverything(system);
    expect(workload.attempts.some(({ result }) => result !== '202')).toBe(true);
    await judge(system, workload);
  });
});

describe('with two instances of every service, whose assignments cross', () => {
  const system = useSystem('kills, 2 instances', { instances: 2, beforeServices: makeAssignmentsCross });
  const workloads: Workload[] = [];

  it('every order reaches its end while every instance, the broker and Postgres are killed', async () => {
    const { addresses } = system.stack;
    const before = await readAssignments(addresses);
    workloads.push(await killEverything(system));
    await judge(system, ...workloads);
    for (const [moment, assignments] of [
      ['before', before],
      ['after', await readAssignments(addresses)],
    ] as const) {
      for (const [service, share] of await shareOfCrossing(addresses, assignments)) {
        system.say(
          `${moment} the kills ${Math.round(share * 100)} % of the orders were with both instances of ${service}`,
        );
        expect(share, `orders with both instances of ${service}`).toBeGreaterThan(0.2);
      }
    }
  });

  it('nobody is harmed by an instance of every service that was taken for dead, and wakes up', async () => {
    workloads.push(await underLoad(system, 10 * ORDERS, () => makeZombies(system)));
    await judge(system, ...workloads);
  });
});
