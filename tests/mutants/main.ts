import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { type Mutant, mutants } from './mutants.ts';
import { brief, type Notice, readNotices, writeNotices } from './notices.ts';
import { runMutants } from './run-mutants.ts';

const HELP = `npm run mutants -- [--only TEXT] [--seeds N] [--write]

Switches bugs on in a copy of the code, one after the other, and says at which seed the simulator notices each first.

  --only TEXT  those whose name holds it
  --seeds N    how many schedules at most, for each (default 1000)
  --write      keeps the seeds in tests/mutants/notices.json and its README: npm test runs them

Exit code 1 where one isn't noticed.`;

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    seeds: { type: 'string', default: '1000' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

const say = (name: string, what: string) => process.stdout.write(`${name.padEnd(68)} ${what}\n`);

async function run(mutant: Mutant, count: number): Promise<Notice | undefined> {
  if (mutant.unnoticeable !== undefined) {
    say(mutant.name, `never: ${mutant.unnoticeable}`);
    return undefined;
  }
  try {
    const [notice] = await runMutants([{ name: mutant.name, first: 1, count }]);
    if (notice === undefined) process.exitCode = 1;
    say(mutant.name, notice ? `${`seed ${notice.seed}`.padEnd(10)} ${brief(notice.says)}` : 'not noticed');
    return notice;
  } catch (error) {
    process.exitCode = 1;
    say(mutant.name, String(error).slice(0, 400));
    return undefined;
  }
}

async function main(): Promise<void> {
  const count = Number(values.seeds);
  if (!Number.isInteger(count) || count < 1)
    throw new Error(`--seeds must be a whole number from 1 on, not ${values.seeds}`);
  const waiting = mutants.filter(({ name }) => name.includes(values.only));
  if (waiting.length === 0) throw new Error(`no mutant's name holds ${values.only}`);
  const notices = new Map(Object.entries(values.write ? await readNotices() : {}));
  const work = async () => {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      const notice = await run(mutant, count);
      if (notice === undefined) notices.delete(mutant.name);
      else notices.set(mutant.name, notice);
      if (values.write) await writeNotices(Object.fromEntries(notices));
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
}

if (values.help) process.stdout.write(`${HELP}\n`);
else
  await main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
