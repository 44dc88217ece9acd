import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '@skald/command-line';
import type { RunReport } from './report.ts';
import { help, parseSoakOptions, type SoakOptions } from './soak-options.ts';
import { renderSoakPage } from './soak-page.ts';

const program = fileURLToPath(new URL('./main.js', import.meta.url));

let isStopping = false;
let end: (signal: NodeJS.Signals) => void = () => {};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    isStopping = true;
    end(signal);
  });
}

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** One seed in a process of its own: what it leaves behind is gone with it. Answers its exit code. */
function runSeed(seed: number, file: string, options: SoakOptions): Promise<number> {
  const { orders, seconds, faults, brokers } = options;
  const flags = { seed, orders, seconds, faults, brokers, out: file };
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], { stdio: 'inherit' });
    end = (signal) => child.kill(signal);
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

const reportOf = (seed: number, { out }: SoakOptions): string => join(out, `seed-${seed}.json`);

const readReports = ({ out }: SoakOptions): RunReport[] =>
  readdirSync(out)
    .filter((name) => /^seed-\d+\.json$/.test(name))
    .map((name) => JSON.parse(readFileSync(join(out, name), 'utf8')) as RunReport);

async function main(args: readonly string[]): Promise<number> {
  const options = parseSoakOptions(args);
  if (options === 'help') {
    process.stdout.write(help);
    return 0;
  }
  const { seeds, firstSeed, out, page } = options;
  mkdirSync(out, { recursive: true });
  const wanted = Array.from({ length: seeds }, (_, index) => firstSeed + index);
  if (!options.resume) for (const seed of wanted) rmSync(reportOf(seed, options), { force: true });
  const withoutReport: number[] = [];
  for (const [index, seed] of wanted.entries()) {
    const file = reportOf(seed, options);
    if (existsSync(file)) continue;
    say(`\nSeed ${seed}, ${index + 1} of ${seeds}`);
    await runSeed(seed, file, options);
    if (isStopping) {
      say('Stopped. --resume goes on with the next seed.');
      return 130;
    }
    if (!existsSync(file)) withoutReport.push(seed);
    const reports = readReports(options);
    if (reports.length > 0) {
      const command = ['npm run soak', ...(args.length > 0 ? ['--', ...args] : [])].join(' ');
      writeFileSync(page, renderSoakPage(reports, command));
    }
  }
  const failed = readReports(options).filter(({ violations }) => violations.length > 0);
  for (const { seed, violations } of failed)
    say(`Seed ${seed}: ${violations.length} violations, such as: ${violations[0]}`);
  for (const seed of withoutReport) say(`Seed ${seed} came to no report: see above`);
  say(`The reports are in ${out}, their page is ${page}`);
  return failed.length + withoutReport.length > 0 ? 1 : 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof UsageError) {
    console.error(`${error.message}\nnpm run soak -- --help says what there is`);
    process.exitCode = 64;
  } else {
    console.error(error);
    process.exitCode = 1;
  }
}
