import type { Contender } from './contender.ts';
import { findWrongEffects } from './effects.ts';
import { type Generator, startGenerator } from './generator.ts';
import type { LoadAudit } from './load-protocol.ts';
import { type Bench, measureProbe, measureVerdict, type RunReport } from './measure.ts';
import type { BenchmarkOptions } from './options.ts';
import { connectPostgresStats } from './postgres-stats.ts';
import type { Profiling } from './profiling.ts';
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
}

/** What a contender can be expected to hold, to begin with. Orders/s. */
export interface Pace {
  readonly warmUp: number;
  readonly start: number;
}

/** What is not confirmed so long after the last order is late. */
const drainSeconds = 120;
const warmUpRounds = 4;

/** What the runs with every contender have in common. */
export interface Setting {
  readonly options: BenchmarkOptions;
  readonly cores: number;
  readonly progress: Progress;
  readonly profiling: Profiling | undefined;
}

/** Sends the load that was asked for at a contender that runs, and checks what it did. */
export async function compete(
  contender: Contender,
  pace: Pace,
  setting: Setting,
  signal: AbortSignal,
): Promise<ContenderReport> {
  const { options, ...rest } = setting;
  const postgres = await connectPostgresStats(contender.databaseUrl);
  let generator: Generator | undefined;
  try {
    generator = await startGenerator(contender.target, signal);
    const runs = await runLoad({ contender, generator, postgres, ...rest }, pace, options);
    setting.progress.step(`${contender.name}: was every order confirmed once, and does the stock add up?`);
    const { pieces, ...audit } = await generator.finish();
    const problems = await findWrongEffects(contender, { ...audit, pieces }, signal);
    return { name: contender.name, ...runs, audit, problems };
  } finally {
    generator?.stop();
    await postgres.close();
  }
}

type Runs = Pick<ContenderReport, 'latency' | 'atRate' | 'highest' | 'tried'>;

async function runLoad(bench: Bench, pace: Pace, options: BenchmarkOptions): Promise<Runs> {
  const { mode, rate, rampSeconds, seconds, latencySeconds } = options;
  await warmUp(bench, pace, options.warmUpSeconds);
  if (mode === 'rate') {
    return { atRate: await measureVerdict(bench, { rate, rampSeconds, seconds, drainSeconds }), tried: [] };
  }
  const latencyPlan = { rate, rampSeconds, seconds: latencySeconds, drainSeconds };
  if (mode === 'latency') return { latency: await measureVerdict(bench, latencyPlan), tried: [] };
  const latency = mode === 'full' ? { latency: await measureProbe(bench, latencyPlan) } : {};
  return { ...latency, ...(await searchHighest(bench, pace, options)) };
}

/** A gentle load until it is kept up with: what was just started runs uncompiled code, Kafka more than all. */
async function warmUp(bench: Bench, { warmUp: rate }: Pace, seconds: number): Promise<void> {
  for (let round = 1; round <= warmUpRounds; round += 1) {
    bench.progress.step(`${bench.contender.name}: warming up`);
    const { flat } = await measureProbe(bench, { rate, rampSeconds: 5, seconds, drainSeconds });
    if (flat) return;
  }
}

async function searchHighest(
  bench: Bench,
  pace: Pace,
  options: BenchmarkOptions,
): Promise<Pick<Runs, 'highest' | 'tried'>> {
  const { rampSeconds, probeSeconds, seconds, limit, precision } = options;
  const tried: RunReport[] = [];
  const note = async (run: Promise<RunReport>): Promise<RunReport> => {
    tried.push(await run);
    return run;
  };
  const found = await findHighest({
    start: options.start ?? pace.start,
    limit,
    precision,
    probe: (rate) => note(measureProbe(bench, { rate, rampSeconds, seconds: probeSeconds, drainSeconds })),
    verdict: (rate) => note(measureVerdict(bench, { rate, rampSeconds, seconds, drainSeconds })),
  });
  return found === undefined ? { tried } : { highest: found.run, tried };
}
