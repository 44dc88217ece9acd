import { parentPort, workerData } from 'node:worker_threads';
import { planOf } from './plan.ts';
import { simulate } from './simulate.ts';

/** Of the main thread: which seeds are this worker's. */
export interface Share {
  readonly first: number;
  readonly step: number;
  readonly count: number;
}

/** From a worker: what it has done since the last time, and the first seed that failed, if one did. */
export interface Report {
  readonly done: number;
  readonly steps: number;
  readonly failure?: { readonly seed: number; readonly violations: readonly string[] };
}

const EVERY = 50;

async function work({ first, step, count }: Share): Promise<void> {
  const report = (message: Report) => parentPort?.postMessage(message);
  let done = 0;
  let steps = 0;
  for (let index = 0; index < count; index += 1) {
    const seed = first + index * step;
    const outcome = await simulate(planOf(seed));
    done += 1;
    steps += outcome.steps;
    if (outcome.violations.length > 0)
      return report({ done, steps, failure: { seed, violations: outcome.violations } });
    if (done < EVERY && index < count - 1) continue;
    report({ done, steps });
    done = 0;
    steps = 0;
  }
}

await work(workerData as Share);
