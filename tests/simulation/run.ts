import { Worker } from 'node:worker_threads';
import type { Report, Share } from './worker.ts';

export interface RunOptions {
  /** The first seed; those that follow are the next ones. */
  readonly seed: number;
  readonly count: number;
  /** Threads. */
  readonly jobs: number;
  onProgress?(run: Run): void;
}

export interface Run {
  readonly schedules: number;
  readonly steps: number;
  readonly seconds: number;
  /** The lowest seed that broke a promise, of those that were run. */
  readonly failure?: { readonly seed: number; readonly violations: readonly string[] } | undefined;
}

/** Beside this file once it is compiled; from the sources, where a build has put it. */
const workerUrl = new URL(
  import.meta.url.endsWith('.ts') ? '../dist/simulation/worker.js' : './worker.js',
  import.meta.url,
);

/** Runs schedules on so many threads, until all are done or one has failed. Throws where a thread breaks. */
export async function runSchedules({ seed, count, jobs, onProgress }: RunOptions): Promise<Run> {
  const begun = performance.now();
  const counts = { schedules: 0, steps: 0 };
  let failure: Run['failure'];
  const snapshot = (): Run => ({ ...counts, seconds: (performance.now() - begun) / 1_000, failure });
  const workers: Worker[] = [];
  const share = (index: number): Share => ({
    first: seed + index,
    step: jobs,
    count: Math.ceil((count - index) / jobs),
  });
  const isDone = Array.from({ length: Math.min(jobs, count) }, (_, index) => {
    const worker = new Worker(workerUrl, {
      workerData: share(index),
      // Of a test's own process, which reads sources where this reads what is compiled.
      execArgv: [],
      // What a schedule leaves behind is dead when the next one begins.
      resourceLimits: { maxYoungGenerationSizeMb: 96 },
    });
    workers.push(worker);
    return new Promise<void>((resolve, reject) => {
      worker.on('message', (report: Report) => {
        counts.schedules += report.done;
        counts.steps += report.steps;
        if (report.failure !== undefined && (failure === undefined || report.failure.seed < failure.seed))
          failure = report.failure;
        onProgress?.(snapshot());
        if (failure !== undefined) for (const other of workers) void other.terminate();
      });
      worker.once('error', reject);
      worker.once('exit', () => resolve());
    });
  });
  await Promise.all(isDone);
  return snapshot();
}
