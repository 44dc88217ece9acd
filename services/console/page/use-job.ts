import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { type Act, act, type Because, type Selection } from './dead-letters-client.ts';
import { advance, type Job } from './job.ts';

export interface RunningJob {
  readonly job: Signal<Job | undefined>;
  readonly problem: Signal<unknown>;
  readonly isUnderWay: Signal<boolean>;
  /** The act that was shown dry for this very selection: it may be done. */
  readonly proven: Signal<Act | undefined>;
  run(which: Act, dryRun: boolean): Promise<void>;
  /** Hanging up ends it within a few messages. */
  stop(): void;
}

/** Drawn anew at most so often, ms: a job tells of fifty messages a second, and more. */
const DRAW_MS = 100;

/** Nothing is done that wasn't shown dry before, for the same `selection`. */
export function useJob(selection: Selection, because: Because, onDone: () => void): RunningJob {
  const job = useSignal<Job | undefined>(undefined);
  const problem = useSignal<unknown>(undefined);
  const isUnderWay = useSignal(false);
  const proven = useSignal<Act | undefined>(undefined);
  const running = useSignal<AbortController | undefined>(undefined);
  const named = JSON.stringify(selection);

  useEffect(() => {
    job.value = undefined;
    proven.value = undefined;
    problem.value = undefined;
    return () => running.value?.abort();
  }, [named]);

  const run = async (which: Act, dryRun: boolean) => {
    const own = new AbortController();
    running.value = own;
    job.value = undefined;
    problem.value = undefined;
    proven.value = undefined;
    isUnderWay.value = true;
    let told: Job | undefined;
    let drawnAt = 0;
    try {
      await act(which, selection, { dryRun, ...because }, own.signal, (line) => {
        told = advance(told, line);
        if (Date.now() - drawnAt < DRAW_MS && told?.hasEnded !== true) return;
        drawnAt = Date.now();
        job.value = told;
      });
      if (dryRun && which !== 'try' && told?.stopped === null) proven.value = which;
    } catch (error) {
      if (own.signal.aborted) job.value = told && { ...told, hasEnded: true, stopped: 'stopped here' };
      else problem.value = error;
    }
    isUnderWay.value = false;
    if (!dryRun) onDone();
  };
  return { job, problem, isUnderWay, proven, run, stop: () => running.value?.abort() };
}
