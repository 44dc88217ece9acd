import type { Contender } from './contender.ts';
import { findWrongEffects } from './effects.ts';
import { probeLimits, verdictLimits } from './flatness.ts';
import { type Generator, startGenerator } from './generator.ts';
import type { LoadAudit } from './load-protocol.ts';
import { kafkaVersion } from './machine.ts';
import { type Bench, measure, type RunReport } from './measure.ts';
import type { BenchmarkOptions } from './options.ts';
import { connectPostgresStats } from './postgres-stats.ts';
import type { Progress } from './progress.ts';
import { findHighest } from './search.ts';

export interface ContenderReport {
  readonly name: string;
  readonly latency?: RunReport;
  /** The run at the rate that was asked for. */
  readonly atRate?: RunReport;
  /** The highest rate with flat lag: absent when none was found, or none was looked for. */
  readonly highest?: RunReport;
  /** The runs of the search. */
  readonly tried: readonly RunReport[];
  readonly audit: Omit<LoadAudit, 'pieces'>;
  /** What is wrong with the effects, in words. Empty: every accepted order confirmed once, and the stock adds up. */
  readonly problems: readonly string[];
  readonly kafka: string;
  readonly postgres: string;
}

/** What a contender can be expected to hold, to begin with. Orders/s. */
export interface Pace {
  readonly warmUp: number;
  readonly start: number;
}

/** What is not confirmed so long after the last order is late. */
const drainSeconds = 120;

/** Sends the load that was asked for at a contender that runs, and checks what it did. */
export async function compete(
  contender: Contender,
  pace: Pace,
  options: BenchmarkOptions,
  cores: number,
  progress: Progress,
): Promise<ContenderReport> {
  const postgres = await connectPostgresStats(contender.databaseUrl);
  let generator: Generator | undefined;
  try {
    generator = await startGenerator(contender.target);
    const bench: Bench = { contender, generator, postgres, progress, cores };
    const runs = await runLoad(bench, pace, options);
    progress.step(`${contender.name}: checking that every order was confirmed once and the stock adds up`);
    const { pieces, ...audit } = await generator.finish();
    const problems = await findWrongEffects(contender, { ...audit, pieces });
    const kafka = kafkaVersion(contender.pids()['kafka'] ?? 0);
    return { name: contender.name, ...runs, audit, problems, kafka, postgres: postgres.version };
  } finally {
    generator?.stop();
    await postgres.close();
  }
}

type Runs = Pick<ContenderReport, 'latency' | 'atRate' | 'highest' | 'tried'>;

async function runLoad(bench: Bench, pace: Pace, options: BenchmarkOptions): Promise<Runs> {
  const { mode, rate, rampSeconds, seconds } = options;
  bench.progress.step(`${bench.contender.name}: warming up`);
  await measure(
    bench,
    { rate: pace.warmUp, rampSeconds: 1, seconds: options.warmUpSeconds, drainSeconds },
    probeLimits,
  );
  if (mode === 'rate') {
    const atRate = await measure(bench, { rate, rampSeconds, seconds, drainSeconds }, verdictLimits);
    return { atRate, tried: [] };
  }
  const latencyPlan = { rate, rampSeconds, seconds: options.latencySeconds, drainSeconds };
  const latency = mode === 'highest' ? undefined : await measure(bench, latencyPlan, probeLimits);
  const search = mode === 'latency' ? { tried: [] } : await searchHighest(bench, pace, options);
  return { ...(latency === undefined ? {} : { latency }), ...search };
}

async function searchHighest(
  bench: Bench,
  pace: Pace,
  options: BenchmarkOptions,
): Promise<Pick<Runs, 'highest' | 'tried'>> {
  const { rampSeconds, probeSeconds, seconds, limit, precision } = options;
  const tried: RunReport[] = [];
  const attempt = async (rate: number, length: number, limits: typeof probeLimits): Promise<RunReport> => {
    const report = await measure(bench, { rate, rampSeconds, seconds: length, drainSeconds }, limits);
    tried.push(report);
    return report;
  };
  const found = await findHighest({
    start: options.start ?? pace.start,
    limit,
    precision,
    probe: (rate) => attempt(rate, probeSeconds, probeLimits),
    verdict: (rate) => attempt(rate, seconds, verdictLimits),
  });
  return found === undefined ? { tried } : { highest: found.run, tried };
}
