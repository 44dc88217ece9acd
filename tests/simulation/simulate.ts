import { replaceTime } from '@skald/messaging/simulation';
import { startCustomers } from './customers.ts';
import { createFaults, createHarm } from './faults.ts';
import { createOperators } from './operators.ts';
import { watchParking } from './parking-watch.ts';
import { type Plan, slowness } from './plan.ts';
import { watchOffsets, whatWaits } from './rest.ts';
import { createScheduler } from './scheduler.ts';
import { createSimulatedTime } from './simulated-time.ts';
import { crash, replace } from './strikes.ts';
import { judge } from './verdict.ts';
import { createWorld, startAll } from './world.ts';

export interface Outcome {
  /** Promises that were broken; none if all is well. */
  readonly violations: readonly string[];
  readonly steps: number;
  /** How long it took in there, ms. */
  readonly virtualMs: number;
  /** The same for the same plan, for ever. */
  readonly hash: number;
  readonly trace: readonly string[];
}

/** Whoever has not come to rest so long after the last fault never will, virtual ms. */
const PATIENCE_MS = 60_000;
/** So long after the last fault those whom the services call are well again, virtual ms. */
const HEAL_MS = 10_000;
/** Between two looks at whether all is done, steps. */
const LOOK_EVERY = 8;

/** Runs a plan to its end and judges what is left. The same plan gives the same run. */
export async function simulate(plan: Plan, isTraced = false): Promise<Outcome> {
  const trace: string[] = [];
  const options = { ...(slowness[plan.slowness] ?? slowness[0]), trace: isTraced ? trace : undefined };
  const scheduler = createScheduler({ seed: plan.seed, ...options });
  replaceTime(createSimulatedTime(scheduler));
  const world = createWorld(plan, scheduler);
  const harm = createHarm();
  const operators = createOperators(world, harm);
  const faults = createFaults(world, harm, operators);
  world.onDeath = (instance, error) => {
    if (!instance.alive) return;
    if (!harm.mortal.has(instance.service))
      world.watch.broken.push(`${instance.name} ended by itself: ${describe(error)}`);
    crash(world, instance);
    replace(world, instance);
  };
  watchParking(world);
  watchOffsets(world);
  world.outside.failsOneIn = plan.outsideFailsOneIn;
  startAll(world);
  const customers = startCustomers(world);

  let waitsFor: string | undefined = 'nothing';
  let looked = 0;
  let lastFaultAt = 0;
  const isOver = (): boolean => {
    faults.strike(scheduler.steps);
    if (faults.left > 0 || faults.open > 0) {
      lastFaultAt = scheduler.now;
      return false;
    }
    // A call that fails once in so many times may fail a dozen times in a row.
    if (scheduler.now - lastFaultAt > HEAL_MS) world.outside.failsOneIn = 0;
    if (scheduler.now - lastFaultAt > PATIENCE_MS) {
      waitsFor = whatWaits(world, customers);
      return true;
    }
    if (scheduler.steps - looked < LOOK_EVERY) return false;
    looked = scheduler.steps;
    operators.tidyUp();
    if (operators.open > 0) return false;
    waitsFor = whatWaits(world, customers);
    return waitsFor === undefined;
  };
  const unhandled = (error: unknown) => world.watch.broken.push(`an unhandled rejection: ${describe(error)}`);
  process.on('unhandledRejection', unhandled);
  try {
    await scheduler.run(isOver);
  } catch (error) {
    world.watch.broken.push(`the simulation itself failed: ${describe(error)}`);
  }
  process.off('unhandledRejection', unhandled);
  const violations = [
    ...world.watch.broken,
    ...(waitsFor === undefined ? [] : [`it does not come to rest: ${waitsFor}`]),
    ...judge(world, customers, harm),
  ];
  return { violations, steps: scheduler.steps, virtualMs: scheduler.now, hash: scheduler.hash, trace };
}

const describe = (error: unknown): string =>
  error instanceof Error
    ? `${error.stack}${error.cause === undefined ? '' : ` because ${describe(error.cause)}`}`
    : String(error);
