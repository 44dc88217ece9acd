import { describe, expect, it } from 'vitest';
import { mutants } from '../mutants/mutants.ts';
import { runMutant } from '../mutants/run-mutant.ts';

const SEEDS = 100;

describe.concurrent('a bug that is switched on is noticed by the simulator:', { timeout: 300_000 }, () => {
  it.each(mutants.filter(({ isNoticed }) => isNoticed))('$name', async (mutant) => {
    const notice = await runMutant(mutant, SEEDS);
    expect(notice?.seed).toBeLessThanOrEqual(SEEDS);
  });
});
