import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { planOf } from './plan.ts';
import { type Run, runSchedules } from './run.ts';
import { shrink } from './shrink.ts';
import { simulate } from './simulate.ts';

const HELP = `npm run simulate -- [--seed N] [--count N] [--jobs N] [--trace]

Runs the services and the kernel in a simulated world: log, databases, registry, provider, carrier, mail server, clocks and
timers in memory, with faults, every step in an order that a seed decides. The same seed gives the same run, for ever.

  --seed N    the first seed; by default one that no run before has had
  --count N   how many schedules, each with the next seed (default 1000)
  --jobs N    threads (default: one for each core)
  --trace     runs the one schedule of --seed, and prints each of its steps

A seed that breaks a promise is printed, with the smallest plan that still does, and its steps. Exit code 1 then.`;

const PROGRESS_MS = 1_000;
const TRACE_LINES = 400;

function parseOptions() {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string' },
      count: { type: 'string', default: '1000' },
      jobs: { type: 'string', default: String(availableParallelism()) },
      trace: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const whole = (name: string, text: string, minimum: number): number => {
    const number = Number(text);
    if (!Number.isInteger(number) || number < minimum || number > 2 ** 31 - 1)
      throw new Error(`--${name} must be a whole number from ${minimum} on, not ${text}`);
    return number;
  };
  return {
    seed: whole('seed', values.seed ?? String(Date.now() % 1_000_000_000), 0),
    count: whole('count', values.count, 1),
    jobs: whole('jobs', values.jobs, 1),
    isTraced: values.trace,
    wantsHelp: values.help,
  };
}

const say = (line: string) => process.stdout.write(`${line}\n`);

const rateOf = ({ schedules, seconds }: Run): string => `${Math.round(schedules / seconds)} schedules/s`;

async function main(): Promise<number> {
  const { seed, count, jobs, isTraced, wantsHelp } = parseOptions();
  if (wantsHelp) {
    say(HELP);
    return 0;
  }
  if (isTraced) return trace(seed);
  let shownAt = 0;
  const run = await runSchedules({
    seed,
    count,
    jobs,
    onProgress(current) {
      if (performance.now() - shownAt < PROGRESS_MS) return;
      shownAt = performance.now();
      process.stderr.write(`  ${current.schedules} of ${count} schedules, ${rateOf(current)}\n`);
    },
  });
  const what = `seeds ${seed} to ${seed + count - 1}, ${jobs} threads`;
  say(
    `${run.schedules} schedules in ${run.seconds.toFixed(1)} s, ${rateOf(run)}, ${run.steps} steps (${what})`,
  );
  return run.failure === undefined ? 0 : explain(run.failure.seed, run.failure.violations);
}

async function explain(seed: number, violations: readonly string[]): Promise<number> {
  say(`\nSeed ${seed} breaks a promise:`);
  for (const violation of violations) say(`  ${violation}`);
  say('\nLooking for the smallest plan that still does …');
  const shrunk = await shrink(seed);
  if (shrunk === undefined) {
    say('It does not break it again: the simulation is not deterministic, which is a bug of its own.');
    return 1;
  }
  say(`\n${JSON.stringify(shrunk.plan, undefined, 2)}\n`);
  tellTrace(shrunk.outcome.trace);
  for (const violation of shrunk.outcome.violations) say(`  ${violation}`);
  say(
    `\nAgain: npm run simulate -- --seed ${seed} --count 1; every step of the whole plan: --seed ${seed} --trace`,
  );
  return 1;
}

async function trace(seed: number): Promise<number> {
  say(JSON.stringify(planOf(seed), undefined, 2));
  const outcome = await simulate(planOf(seed), true);
  for (const line of outcome.trace) say(line);
  for (const violation of outcome.violations) say(`  ${violation}`);
  return outcome.violations.length === 0 ? 0 : 1;
}

function tellTrace(lines: readonly string[]): void {
  const told = lines.filter((line) => !/a pause is over$|a turn begins$/.test(line));
  if (told.length > TRACE_LINES) say(`  … ${told.length - TRACE_LINES} steps before`);
  for (const line of told.slice(-TRACE_LINES)) say(line);
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
