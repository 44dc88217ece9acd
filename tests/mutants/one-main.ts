import { register } from 'node:module';

/** Runs schedules with one bug switched on, until the simulator notices, and tells at which seed: one line of JSON. */
const [name = '', first = '1', count = '1000'] = process.argv.slice(2);
register('./hooks.js', import.meta.url, { data: name });

const { planOf } = await import('../simulation/plan.js');
const { simulate } = await import('../simulation/simulate.js');

async function firstNotice(): Promise<{ seed: number; says: string } | undefined> {
  for (let seed = Number(first); seed < Number(first) + Number(count); seed += 1) {
    const { violations } = await simulate(planOf(seed));
    const [says] = violations;
    if (says !== undefined) return { seed, says };
  }
  return undefined;
}

process.stdout.write(`${JSON.stringify((await firstNotice()) ?? null)}\n`);
