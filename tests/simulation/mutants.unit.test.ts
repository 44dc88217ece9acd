import { describe, expect, it } from 'vitest';
import { mutants } from '../mutants/mutants.ts';
import { type Notice, pageWith, readNotices, readPage } from '../mutants/notices.ts';
import { runMutants } from '../mutants/run-mutants.ts';

const notices = await readNotices();
/** Each with the seed that has noticed it: the search for one takes longer, and is `npm run mutants`. */
const noticeable = mutants.filter(({ unnoticeable }) => unnoticeable === undefined);
const PROCESSES = 2;

const again = (name: string): string => `npm run mutants -- --write --only '${name}'`;

/** All of them in a process or two, as it takes longer to start one than to run a schedule. */
function runAll(): Promise<Map<string, Notice | undefined>> {
  const shares = Array.from({ length: PROCESSES }, (_, share) =>
    noticeable
      .filter((_mutant, index) => index % PROCESSES === share)
      .flatMap(({ name }) => (notices[name] ? [{ name, first: notices[name].seed, count: 1 }] : [])),
  );
  const found = shares.map(async (share): Promise<[string, Notice | undefined][]> => {
    const results = await runMutants(share);
    return share.map(({ name }, index) => [name, results[index]]);
  });
  return Promise.all(found).then((all) => new Map(all.flat()));
}

describe('a bug that is switched on is noticed by the simulator:', { timeout: 900_000 }, () => {
  const running = runAll();

  it.each(noticeable)('$name', async ({ name }) => {
    const known = notices[name];
    if (known === undefined) throw new Error(`nobody has noticed it yet: ${again(name)}`);
    const notice = (await running).get(name);
    expect(
      notice?.seed,
      `its seed doesn't notice it any more, as schedules have changed: ${again(name)}`,
    ).toBe(known.seed);
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
