import { cpus, totalmem } from 'node:os';
import type { PlannedFault } from './fault.ts';
import { type Firing, inWords, type KindReport, unseen } from './firing.ts';
import type { RunOptions } from './run.ts';
import { tally, type Workload } from './workload.ts';

/** What a run was, and what came of it. */
export interface RunReport {
  readonly seed: number;
  readonly orders: number;
  readonly seconds: number;
  readonly brokers: number;
  /** ISO. */
  readonly startedAt: string;
  readonly machine: string;
  readonly plan: readonly PlannedFault[];
  readonly kinds: Readonly<Record<string, KindReport>>;
  /** Faults of processes and of the network that were fired. */
  readonly processAndNetworkFaults: number;
  readonly accepted: number;
  /** Given up by their customers after a failure: each exists once or not at all. */
  readonly abandoned: number;
  /** What customers were answered: `202 ×500, 503 ×3`. */
  readonly answers: string;
  /** From the last fault's end, or the last answer to a customer, until no order was pending, ms. */
  readonly endedMs: number;
  /** From the last fault's end until nothing moved any more, what was planted discarded, ms. */
  readonly restMs: number;
  /** What is wrong; nothing if all is well. */
  readonly violations: readonly string[];
}

export interface RunFacts {
  readonly options: RunOptions;
  readonly startedAt: Date;
  readonly plan: readonly PlannedFault[];
  readonly workload: Workload;
  readonly firing: Firing;
  readonly findings: readonly string[];
  readonly endedMs: number;
  readonly restMs: number;
}

export function createReport({
  options: { seed, orders, seconds, brokers, faults },
  startedAt,
  plan,
  workload: { accepted, abandoned, attempts },
  firing: { kinds, complaints },
  findings,
  endedMs,
  restMs,
}: RunFacts): RunReport {
  const processAndNetworkFaults = [...kinds.values()]
    .filter(({ family }) => family === 'process' || family === 'network')
    .reduce((sum, { fired }) => sum + fired, 0);
  const tooFew =
    processAndNetworkFaults < faults ? [`${processAndNetworkFaults} faults were fired, not ${faults}`] : [];
  return {
    seed,
    orders,
    seconds,
    brokers,
    startedAt: startedAt.toISOString(),
    machine: describeMachine(),
    plan,
    kinds: Object.fromEntries(kinds),
    processAndNetworkFaults,
    accepted: accepted.size,
    abandoned: abandoned.length,
    answers: tally(attempts.map(({ result }) => result)),
    endedMs,
    restMs,
    violations: [...findings, ...complaints, ...unseen(plan, kinds), ...tooFew],
  };
}

function describeMachine(): string {
  const { length } = cpus();
  const model = cpus()[0]?.model.trim() ?? 'unknown';
  return `${length} cores, ${model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
}

const MOST = 20;

/** What a person reads: by fault how often, and what was seen; then the verdict. */
export function renderReport(report: RunReport): string {
  const width = Math.max(...Object.keys(report.kinds).map(({ length }) => length));
  const rows = Object.entries(report.kinds).map(([name, { fired, seen, unavailable }]) => {
    const told = unavailable === undefined ? inWords(seen) : `not available: ${unavailable}`;
    return `${name.padEnd(width)}  ${String(fired).padStart(3)}  ${told}`;
  });
  const { violations } = report;
  const verdict =
    violations.length === 0
      ? 'Nothing lost, nothing twice: no violation.'
      : [`${violations.length} violations:`, ...violations.slice(0, MOST).map((one) => `  ${one}`)].join(
          '\n',
        );
  return [
    `Seed ${report.seed}: ${report.accepted} orders accepted, ${report.abandoned} given up; answers: ${report.answers}`,
    '',
    `${'fault'.padEnd(width)}  fired  seen`,
    ...rows,
    '',
    `${report.processAndNetworkFaults} faults of processes and network. Every order was at its end ${seconds(report.endedMs)} after the last, all at rest after ${seconds(report.restMs)}.`,
    verdict,
  ].join('\n');
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
