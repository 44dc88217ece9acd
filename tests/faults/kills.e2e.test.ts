import { describe, expect, it } from 'vitest';
import { makeAssignmentsCross, readAssignments, shareOfCrossing } from './crossing.ts';
import { fire, planKills } from './fault-plan.ts';
import { judge } from './judge.ts';
import { planOrders } from './order-mix.ts';
import { tellProgress } from './progress.ts';
import { instancesOf } from './recovery.ts';
import { type System, useSystem } from './system.ts';
import { startWorkload, tally, type Workload } from './workload.ts';

const ORDERS = 500;
const EVERY_MS = 60;

/** Five hundred orders, and everything killed once while they come. */
async function killEverything(system: System): Promise<Workload> {
  const { stack, random, say } = system;
  const workload = startWorkload({
    addresses: stack.addresses,
    orders: planOrders(ORDERS, random),
    everyMs: EVERY_MS,
  });
  const stopTelling = tellProgress(system, workload);
  try {
    await Promise.all([
      workload.done,
      fire(system, workload, planKills(instancesOf(system), ORDERS, random)),
    ]);
    say(`all have their answer: ${tally(workload.attempts.map(({ result }) => result))}`);
    await judge(system, workload);
  } finally {
    stopTelling();
  }
  return workload;
}

describe('with one instance of every service', () => {
  const system = useSystem('kills, 1 instance');

  it('every order reaches its end while every service, the broker and Postgres are killed', async () => {
    const { attempts } = await killEverything(system);
    expect(attempts.some(({ result }) => result !== '202')).toBe(true);
  });
});

describe('with two instances of every service, whose assignments cross', () => {
  const system = useSystem('kills, 2 instances', { instances: 2, beforeServices: makeAssignmentsCross });

  it('every order reaches its end while every instance, the broker and Postgres are killed', async () => {
    const { addresses } = system.stack;
    const before = await readAssignments(addresses);
    await killEverything(system);
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
});
