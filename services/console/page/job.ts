import type { Act, Identity, JobLine } from './dead-letters-client.ts';

/** How far a try, a redrive or a discard has come. */
export interface Job {
  readonly action: Act;
  readonly isDry: boolean;
  readonly total: number;
  readonly done: number;
  readonly failed: number;
  /** What came of those that are done: verdict or outcome → how many. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** The first of those that failed. */
  readonly failures: readonly { readonly deadLetter: Identity; readonly outcome: string }[];
  /** What it waits for just now. */
  readonly waitsFor: string | undefined;
  readonly hasEnded: boolean;
  /** Why it ended before its time. */
  readonly stopped: string | null;
}

const FAILURES_SHOWN = 10;

/** The job, one line of its answer further. */
export function advance(job: Job | undefined, line: JobLine): Job | undefined {
  if (line.type === 'start') {
    const { action, dryRun, total } = line;
    return { ...begun, action, isDry: dryRun, total };
  }
  if (job === undefined) return undefined;
  if (line.type === 'waiting') return { ...job, waitsFor: `${line.for}: ${line.because}` };
  if (line.type === 'end') return { ...job, waitsFor: undefined, hasEnded: true, stopped: line.stopped };
  const { outcome, failed, deadLetter } = line;
  return {
    ...job,
    waitsFor: undefined,
    done: job.done + 1,
    failed: job.failed + Number(failed),
    outcomes: { ...job.outcomes, [outcome]: (job.outcomes[outcome] ?? 0) + 1 },
    failures: failed ? [...job.failures, { deadLetter, outcome }].slice(0, FAILURES_SHOWN) : job.failures,
  };
}

const begun: Omit<Job, 'action' | 'isDry' | 'total'> = {
  done: 0,
  failed: 0,
  outcomes: {},
  failures: [],
  waitsFor: undefined,
  hasEnded: false,
  stopped: null,
};
