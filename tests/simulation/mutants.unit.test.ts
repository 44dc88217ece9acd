import { describe, expect, it } from 'vitest';
import { mutants } from '../mutants/mutants.ts';
import { pageWith, readNotices, readPage } from '../mutants/notices.ts';
import { runMutant } from '../mutants/run-mutant.ts';

const notices = await readNotices();
/** The search takes longer: `npm run mutants`. */
const noticeable = mutants.filter(({ unnoticeable }) => unnoticeable === undefined);

describe.concurrent('a bug that is switched on is noticed by the simulator:', { timeout: 300_000 }, () => {
  it.each(noticeable)('$name', async (mutant) => {
    const seed = notices[mutant.name]?.seed;
    if (seed === undefined)
      throw new Error(`nobody has noticed it yet: npm run mutants -- --write --only '${mutant.name}'`);
    const notice = await runMutant(mutant, { first: seed, count: 1 });
    expect(notice?.seed, `schedules have changed: npm run mutants -- --write --only '${mutant.name}'`).toBe(
      seed,
    );
  });
});

describe('the mutants', () => {
  it('are noticed within 1,000 seeds each, or it is said why none can', () => {
    const late = noticeable.filter(({ name }) => (notices[name]?.seed ?? Number.POSITIVE_INFINITY) > 1_000);
    expect(late.map(({ name }) => name)).toEqual([]);
  });

  it('are on their page with the seeds that notice them', async () => {
    const page = await readPage();
    expect(pageWith(page, notices)).toBe(page);
  });
});
