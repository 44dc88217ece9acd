import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { mutants } from './mutants.ts';
import { runMutant } from './run-mutant.ts';

const HELP = `npm run mutants -- [--only TEXT] [--seeds N]

Switches bugs on in a copy of the code, one after the other, and says at which seed the simulator notices each first.

  --only TEXT  those whose name holds it
  --seeds N    how many schedules at most, for each (default 1000)

Exit code 1 where one isn't noticed.`;

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    seeds: { type: 'string', default: '1000' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

async function main(): Promise<void> {
  const wanted = mutants.filter(({ name }) => name.includes(values.only));
  const waiting = [...wanted];
  const work = async () => {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      const notice = await runMutant(mutant, Number(values.seeds)).catch((error: unknown) => String(error));
      if (notice === undefined || typeof notice === 'string') process.exitCode = 1;
      const told =
        notice === undefined
          ? 'not noticed'
          : typeof notice === 'string'
            ? notice.slice(0, 400)
            : `${`seed ${notice.seed}`.padEnd(10)} ${notice.says.slice(0, 140)}`;
      process.stdout.write(`${mutant.name.padEnd(68)} ${told}\n`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
}

if (values.help) process.stdout.write(`${HELP}\n`);
else await main();
