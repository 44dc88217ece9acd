import type { Contender } from './contender.ts';
import { readCpu, readMachine } from './cpu.ts';
import { type Flatness, type FlatnessLimits, judgeFlatness, probeLimits, verdictLimits } from './flatness.ts';
import type { Generator } from './generator.ts';
import type { LoadPlan, LoadResult } from './load-protocol.ts';
import { loadAverage } from './machine.ts';
import type { PostgresStats } from './postgres-stats.ts';
import type { Profiling } from './profiling.ts';
import type { Progress } from './progress.ts';

export interface Costs {
  /** Process tree → CPU ms an order confirmed in the window. */
  readonly cpuMs: Readonly<Record<string, number>>;
  /** The sum of it: services, Kafka, Postgres, registry; not the load generator. */
  readonly cpuMsTotal: number;
  readonly generatorCpuMs: number;
  readonly commits: number;
  readonly walBytes: number;
}

export interface RunReport extends Omit<LoadResult, 'backlog'> {
  readonly contender: string;
  readonly rate: number;
  readonly seconds: number;
  readonly flatness: Flatness;
  /** Nothing refused, nothing lost, and the lag is flat. */
  readonly flat: boolean;
  readonly perOrder: Costs;
  /** CPU of the whole machine in the window: share of all its cores that was busy, 0 to 1. */
  readonly machineBusy: number;
  /** Share of all cores used by anything but contender and generator: what disturbed the run. */
  readonly othersBusy: number;
  /** Share of all cores that a hypervisor gave to other machines. */
  readonly stolen: number;
  /** One-minute load average at the window's end. */
  readonly loadAverage: number;
}

export interface Bench {
  readonly contender: Contender;
  readonly generator: Generator;
  readonly postgres: PostgresStats;
  readonly progress: Progress;
  readonly cores: number;
  /** Where profiles are asked for: of the runs that count. */
  readonly profiling: Profiling | undefined;
}

interface Reading {
  readonly at: number;
  readonly cpu: Record<string, number>;
  readonly generator: number;
  readonly busyMs: number;
  readonly stolenMs: number;
  readonly commits: number;
  readonly walBytes: number;
}

async function read({ contender, generator, postgres }: Bench): Promise<Reading> {
  const { load, ...cpu } = readCpu({ ...contender.pids(), load: generator.pid });
  const machine = readMachine();
  const at = performance.now();
  return { at, cpu, generator: load ?? 0, ...machine, ...(await postgres.read()) };
}

/** A run that counts: judged strictly, and profiled if that was asked for. */
export const measureVerdict = (bench: Bench, plan: LoadPlan): Promise<RunReport> =>
  measure(bench, plan, verdictLimits, bench.profiling);

/** A short run: judged leniently. */
export const measureProbe = (bench: Bench, plan: LoadPlan): Promise<RunReport> =>
  measure(bench, plan, probeLimits);

async function measure(
  bench: Bench,
  plan: LoadPlan,
  limits: FlatnessLimits,
  profiling?: Profiling,
): Promise<RunReport> {
  const { contender, progress } = bench;
  const pidsBefore = JSON.stringify(contender.pids());
  let before: Promise<Reading> | undefined;
  let after: Promise<Reading> | undefined;
  let profiled: Promise<void> | undefined;
  let load = 0;
  const result = await bench.generator.run(plan, {
    onProgress: (seen) => progress.run(contender.name, plan, seen),
    onMeasuring: () => {
      before = read(bench);
      profiling?.begin(contender);
    },
    onMeasured: () => {
      load = loadAverage();
      after = read(bench);
      profiled = profiling?.end(contender);
    },
  });
  await profiled;
  if (before === undefined || after === undefined) throw new Error('The run ended without a measured window');
  if (JSON.stringify(contender.pids()) !== pidsBefore) throw new Error(`A process of ${contender.name} died`);
  const { backlog, ...figures } = result;
  const flatness = judgeFlatness(backlog, plan.rate, limits);
  const complaint = complaintAbout(result);
  const report: RunReport = {
    contender: contender.name,
    rate: plan.rate,
    seconds: plan.seconds,
    ...figures,
    flatness: complaint === undefined ? flatness : { ...flatness, flat: false, reason: complaint },
    flat: complaint === undefined && flatness.flat,
    ...costs(bench.cores, await before, await after, result.confirmedInWindow),
    loadAverage: load,
  };
  progress.runEnded(report);
  return report;
}

function complaintAbout({ refused, unconfirmed }: LoadResult): string | undefined {
  const refusals = Object.entries(refused).map(
    ([status, count]) => `${count} × ${status === '0' ? 'no answer' : status}`,
  );
  if (refusals.length > 0) return `refused: ${refusals.join(', ')}`;
  return unconfirmed > 0 ? `${unconfirmed} orders not confirmed in time` : undefined;
}

function costs(cores: number, before: Reading, after: Reading, orders: number) {
  const used = Object.entries(after.cpu).map(([name, ms]) => [name, ms - (before.cpu[name] ?? 0)] as const);
  const contenderMs = used.reduce((sum, [, ms]) => sum + ms, 0);
  const generatorMs = after.generator - before.generator;
  const busyMs = after.busyMs - before.busyMs;
  const capacityMs = (after.at - before.at) * cores;
  // Without an order there is no cost of one.
  const count = orders === 0 ? Number.NaN : orders;
  const perOrder: Costs = {
    cpuMs: Object.fromEntries(used.map(([name, ms]) => [name, ms / count])),
    cpuMsTotal: contenderMs / count,
    generatorCpuMs: generatorMs / count,
    commits: (after.commits - before.commits) / count,
    walBytes: (after.walBytes - before.walBytes) / count,
  };
  return {
    perOrder,
    machineBusy: busyMs / capacityMs,
    othersBusy: Math.max(0, busyMs - contenderMs - generatorMs) / capacityMs,
    stolen: (after.stolenMs - before.stolenMs) / capacityMs,
  };
}
