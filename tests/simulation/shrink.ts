import fc from 'fast-check';
import { type Plan, plans } from './plan.ts';
import { type Outcome, simulate } from './simulate.ts';

/** What is found by then is small enough. */
const LIMIT_MS = 60_000;

export interface Shrunk {
  readonly plan: Plan;
  readonly outcome: Outcome;
}

/** The smallest plan that fast-check finds to fail as the seed's own does, and its trace; undefined if it doesn't fail. */
export async function shrink(seed: number): Promise<Shrunk | undefined> {
  const keepsPromises = fc.asyncProperty(plans, async (plan) => {
    return (await simulate(plan)).violations.length === 0;
  });
  // The first plan of a seed is the one that `planOf` answers.
  const details = await fc.check(keepsPromises, { seed, numRuns: 1, interruptAfterTimeLimit: LIMIT_MS });
  const plan = details.counterexample?.[0];
  return plan && { plan, outcome: await simulate(plan, true) };
}
