import type { ContenderReport } from './compete.ts';
import { serviceNames } from './contender.ts';
import type { IdleReport } from './idle.ts';
import type { Machine } from './machine.ts';
import type { RunReport } from './measure.ts';
import type { ContenderName } from './options.ts';
import type { SelfTime } from './profile.ts';

export interface BenchmarkReport {
  readonly at: string;
  readonly machine: Machine;
  readonly contenders: readonly ContenderReport[];
  /** Highest rate of Skald ÷ of the tutorial. */
  readonly ratio?: number;
  /** Highest rate of Skald ÷ of the sketch: what this machine allows. */
  readonly shareOfSketch?: number;
  readonly idle?: IdleReport;
  readonly hottest?: readonly SelfTime[];
  readonly hottestPackages?: readonly SelfTime[];
}

/** Skald's highest rate by those of the others: of each pair of which both were found. */
export function compareRates(
  contenders: readonly ContenderReport[],
): Pick<BenchmarkReport, 'ratio' | 'shareOfSketch'> {
  const highest = (name: ContenderName): number =>
    contenders.find((contender) => contender.name === name)?.highest?.rate ?? Number.NaN;
  const ratio = highest('skald') / highest('tutorial');
  const shareOfSketch = highest('skald') / highest('sketch');
  return {
    ...(Number.isNaN(ratio) ? {} : { ratio }),
    ...(Number.isNaN(shareOfSketch) ? {} : { shareOfSketch }),
  };
}

/** The report as text for people. */
export function renderReport(report: BenchmarkReport): string {
  const parts = [renderMachine(report.machine)];
  const rows = report.contenders.flatMap(rowsOf);
  if (rows.length > 0) parts.push(renderTable(columns, rows));
  if (report.contenders.length > 0) parts.push(renderCpu(report.contenders.flatMap(runsOf)));
  if (report.ratio !== undefined) parts.push(`Skald / tutorial: ${report.ratio.toFixed(1)} times the orders`);
  if (report.shareOfSketch !== undefined)
    parts.push(`Skald / sketch: ${percent(report.shareOfSketch)} of the orders`);
  for (const contender of report.contenders) parts.push(renderEffects(contender));
  if (report.idle !== undefined) parts.push(renderIdle(report.idle));
  if (report.hottestPackages !== undefined)
    parts.push(renderSelfTimes('package', report.hottestPackages, 15));
  if (report.hottest !== undefined) parts.push(renderSelfTimes('function', report.hottest, 40));
  return `${parts.join('\n\n')}\n`;
}

function renderMachine(machine: Machine): string {
  return [
    `${machine.cores} cores (${machine.model}), ${machine.memoryGiB} GiB, load ${machine.loadBefore} before`,
    `Node ${machine.node}, Java ${machine.java}, Kafka ${machine.kafka}, Postgres ${machine.postgres}`,
  ].join('\n');
}

const columns = [
  'contender',
  'run',
  'orders/s',
  'lag',
  'POST→202 p50/p99 ms',
  'POST→confirmed p50/p99 ms',
  'CPU ms/order',
  'commits/order',
  'WAL kB/order',
  'generator ms/order',
  'busy',
  'others',
  'load',
];

/** Which run of a contender, and the run. */
type LabelledRun = readonly [label: string, run: RunReport];

function runsOf(contender: ContenderReport): LabelledRun[] {
  const { latency, atRate, highest, tried } = contender;
  const runs: LabelledRun[] = [];
  if (latency !== undefined) runs.push(['latency', latency]);
  if (atRate !== undefined) runs.push(['given rate', atRate]);
  if (highest !== undefined) runs.push([`highest, ${highest.seconds} s`, highest]);
  const last = tried.at(-1);
  if (highest === undefined && last !== undefined) runs.push(['none held', last]);
  return runs;
}

const rowsOf = (contender: ContenderReport): string[][] => runsOf(contender).map(rowOf);

function rowOf([label, run]: LabelledRun): string[] {
  const { perOrder } = run;
  return [
    run.contender,
    label,
    String(run.rate),
    run.flat ? 'flat' : `not flat: ${run.flatness.reason ?? ''}`,
    pair(run.accepted.p50, run.accepted.p99),
    pair(run.confirmed.p50, run.confirmed.p99),
    perOrder.cpuMsTotal.toFixed(2),
    perOrder.commits.toFixed(2),
    (perOrder.walBytes / 1_000).toFixed(1),
    perOrder.generatorCpuMs.toFixed(2),
    percent(run.machineBusy),
    percent(run.othersBusy),
    String(run.loadAverage),
  ];
}

/** CPU by process tree, one row a run. */
function renderCpu(runs: readonly LabelledRun[]): string {
  const names = [...new Set(runs.flatMap(([, run]) => Object.keys(run.perOrder.cpuMs)))];
  const rows = runs.map(([label, run]) => [
    run.contender,
    label,
    ...names.map((name) => (run.perOrder.cpuMs[name] ?? 0).toFixed(3)),
  ]);
  return renderTable(['CPU ms/order', 'run', ...names], rows);
}

function renderEffects({ name, audit, problems }: ContenderReport): string {
  if (problems.length > 0) return `${name}: WRONG\n${problems.map((problem) => `  ${problem}`).join('\n')}`;
  return `${name}: ${audit.accepted} orders accepted, each confirmed once; the stock adds up`;
}

function renderIdle({ seconds, percentOfCore, percentTotal }: IdleReport): string {
  const each = serviceNames.map((name) => `${name} ${(percentOfCore[name] ?? 0).toFixed(2)} %`);
  const total = `Idle for ${seconds} s: the five services use ${percentTotal.toFixed(2)} % of one core`;
  return `${total} (${each.join(', ')})`;
}

function renderSelfTimes(what: string, times: readonly SelfTime[], count: number): string {
  const total = times.reduce((sum, { ms }) => sum + ms, 0);
  const rows = times
    .slice(0, count)
    .map(({ name, ms }) => [`${((ms / total) * 100).toFixed(1)} %`, ms.toFixed(0), name]);
  return renderTable(['self', 'ms', what], rows);
}

/** Columns as wide as they need to be. */
export function renderTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(header), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

const pair = (p50: number, p99: number): string => `${milliseconds(p50)} / ${milliseconds(p99)}`;

const milliseconds = (ms: number): string => ms.toFixed(ms < 100 ? 1 : 0);

const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;
