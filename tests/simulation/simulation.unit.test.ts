import { describe, expect, it } from 'vitest';
import { planOf } from './plan.ts';
import { runSchedules } from './run.ts';
import { shrink } from './shrink.ts';
import { simulate } from './simulate.ts';

const COUNT = 2_000;
const FRESH = 100;
const JOBS = 2;
const LIMIT_MS = 900_000;

/** What a failing seed is told with: the smallest plan that still fails, and what came last. */
async function storyOf(
  failure: { seed: number; violations: readonly string[] } | undefined,
): Promise<string> {
  if (failure === undefined) return 'no promise is broken';
  const shrunk = await shrink(failure.seed);
  return [
    `seed ${failure.seed}: npm run simulate -- --seed ${failure.seed} --count 1`,
    ...failure.violations,
    JSON.stringify(shrunk?.plan),
    ...(shrunk?.outcome.trace.slice(-60) ?? []),
  ].join('\n');
}

describe('the simulated system', () => {
  it(
    'keeps its promises in 2,000 schedules, always the same ones',
    async () => {
      const { failure, schedules } = await runSchedules({ seed: 1, count: COUNT, jobs: JOBS });
      expect(await storyOf(failure)).toBe('no promise is broken');
      expect(schedules).toBe(COUNT);
    },
    LIMIT_MS,
  );

  it(
    'keeps its promises in schedules that nobody has seen before',
    async () => {
      const seed = Date.now() % 1_000_000_000;
      const { failure } = await runSchedules({ seed, count: FRESH, jobs: JOBS });
      expect(await storyOf(failure)).toBe('no promise is broken');
    },
    LIMIT_MS,
  );

  it('does the same thing twice with the same seed, step by step, and another with another', async () => {
    const hashes = new Set<number>();
    for (let seed = 1; seed <= 40; seed += 1) {
      const first = await simulate(planOf(seed));
      const second = await simulate(planOf(seed));
      expect([second.hash, second.steps, second.virtualMs]).toEqual([
        first.hash,
        first.steps,
        first.virtualMs,
      ]);
      hashes.add(first.hash);
    }
    expect(hashes.size).toBe(40);
  }, 60_000);

  it('tells every step of a schedule, the same each time', async () => {
    const told = await simulate(planOf(7), true);
    expect(told.trace.length).toBeGreaterThan(told.steps);
    expect((await simulate(planOf(7), true)).trace).toEqual(told.trace);
  });
});
