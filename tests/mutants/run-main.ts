import { register } from 'node:module';
import { mutants } from './mutants.ts';
import type { Notice } from './notices.ts';
import type { Search } from './run-mutants.ts';

/** Runs schedules with one bug after the other switched on, each until the simulator notices: one line of JSON for each. */
register('./hooks.js', import.meta.url);

async function firstNotice({ name, first, count }: Search): Promise<Notice | undefined> {
  const mark = `?mutant=${mutants.findIndex((mutant) => mutant.name === name)}`;
  const { planOf } = (await import(`../simulation/plan.js${mark}`)) as typeof import('../simulation/plan.ts');
  const { simulate } = (await import(
    `../simulation/simulate.js${mark}`
  )) as typeof import('../simulation/simulate.ts');
  for (let seed = first; seed < first + count; seed += 1) {
    const { violations } = await simulate(planOf(seed));
    const [says] = violations;
    if (says !== undefined) return { seed, says };
  }
  return undefined;
}

for (const search of JSON.parse(process.argv[2] ?? '[]') as Search[])
  process.stdout.write(`${JSON.stringify((await firstNotice(search)) ?? null)}\n`);
