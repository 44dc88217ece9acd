import { UsageError } from '@skald/command-line';
import { type ContenderReport, compete, type Pace } from './compete.ts';
import { benchConsole } from './console.ts';
import { type IdleReport, measureIdle } from './idle.ts';
import { describeMachine, kafkaVersion } from './machine.ts';
import { type BenchmarkOptions, type ContenderName, help, parseOptions } from './options.ts';
import { postgresVersion } from './postgres-stats.ts';
import { readProfiles, selfTimes, selfTimesByPackage } from './profile.ts';
import { createProfiling } from './profiling.ts';
import { createProgress, type Progress } from './progress.ts';
import { type BenchmarkReport, compareRates, renderReport } from './report.ts';
import { InterruptedError, withContender } from './with-contender.ts';

const paces: Readonly<Record<ContenderName, Pace>> = {
  skald: { warmUp: 250, start: 400 },
  tutorial: { warmUp: 40, start: 60 },
  sketch: { warmUp: 400, start: 800 },
};

const maxHottest = 100;

async function runBenchmark(options: BenchmarkOptions, progress: Progress): Promise<BenchmarkReport> {
  const { cores, ...machine } = await describeMachine();
  const profiling = options.profile === undefined ? undefined : createProfiling(options.profile);
  const setting = { options, cores, progress, profiling };
  const contenders: ContenderReport[] = [];
  let idle: IdleReport | undefined;
  let kafka = 'unknown';
  let postgres = 'unknown';
  for (const name of options.contenders) {
    await withContender(name, progress, profiling, async (contender, signal) => {
      const { kafka: broker = 0 } = contender.pids();
      kafka = kafkaVersion(broker);
      postgres = await postgresVersion(contender.databaseUrl);
      if (options.mode === 'idle') idle = await measureIdle(contender, options.seconds, setting, signal);
      else contenders.push(await compete(contender, paces[name], setting, signal));
    });
  }
  return {
    at: new Date().toISOString(),
    machine: { cores, ...machine, kafka, postgres },
    contenders,
    ...compareRates(contenders),
    ...(idle === undefined ? {} : { idle }),
    ...(profiling === undefined ? {} : hottestIn(profiling.folder)),
  };
}

function hottestIn(folder: string): Pick<BenchmarkReport, 'hottest' | 'hottestPackages'> {
  const profiles = readProfiles(folder);
  return {
    hottest: selfTimes(profiles).slice(0, maxHottest),
    hottestPackages: selfTimesByPackage(profiles),
  };
}

async function main([first, ...rest]: readonly string[]): Promise<number> {
  if (first === 'read-model') return (await import('./read-model/main.ts')).main(rest);
  if (first === 'console') return benchConsole(rest, createProgress(process.stderr));
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') {
    process.stdout.write(help);
    return 0;
  }
  const progress = createProgress(process.stderr);
  try {
    const report = await runBenchmark(options, progress);
    progress.end();
    process.stdout.write(
      options.json ? `${JSON.stringify(report, undefined, 2)}\n` : `\n${renderReport(report)}`,
    );
    return report.contenders.some((contender) => contender.problems.length > 0) ? 1 : 0;
  } finally {
    progress.end();
  }
}

/** Answers the exit code: BSD's sysexits for a wrong command line, the shell's for an interruption. */
function explain(error: unknown): number {
  if (error instanceof UsageError) {
    console.error(`${error.message}\nnpm run bench -- --help says what there is`);
    return 64;
  }
  if (error instanceof InterruptedError) return 130;
  console.error(error);
  return 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.exitCode = explain(error);
}
