import type { Time } from '@skald/messaging/simulation';
import type { Scheduler } from './scheduler.ts';

/** Any day: the simulation never looks at a real clock. */
export const EPOCH = Date.UTC(2026, 0, 5);

/** Every timer and every turn is a step of the process that asked for it. */
export function createSimulatedTime(scheduler: Scheduler): Time {
  const waiting = new Map<AbortSignal, Set<() => void>>();
  const newId = createIds(scheduler);

  /** One listener a signal, however many wait for it: a listener is dear. */
  const waitersOf = (signal: AbortSignal): Set<() => void> => {
    const known = waiting.get(signal);
    if (known !== undefined) return known;
    const waiters = new Set<() => void>();
    waiting.set(signal, waiters);
    signal.addEventListener('abort', () => {
      for (const end of waiters) end();
      waiters.clear();
    });
    return waiters;
  };

  /** Timers that are due at once come in any order. */
  const schedule = (ms: number, label: string, callback: () => void) =>
    scheduler.schedule(ms + scheduler.random.next() * 0.1, scheduler.current, label, callback);

  return {
    now: () => Math.floor(EPOCH + scheduler.now + (scheduler.current?.clockSkew ?? 0)),
    monotonic: () => scheduler.now,
    random: () => scheduler.random.next(),
    newId,
    pause(ms, signal) {
      if (signal?.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        if (signal === undefined) {
          schedule(ms, 'a pause is over', resolve);
          return;
        }
        const waiters = waitersOf(signal);
        const end = () => {
          step.run = undefined;
          waiters.delete(end);
          resolve();
        };
        const step = schedule(ms, 'a pause is over', end);
        waiters.add(end);
      });
    },
    after(ms, callback) {
      const step = schedule(ms, 'a timer goes off', callback);
      return () => {
        step.run = undefined;
      };
    },
    nextTurn: () => new Promise((resolve) => void schedule(0, 'a turn begins', resolve)),
    microtasksDone: () => new Promise((resolve) => scheduler.beforeNextStep(resolve)),
  };
}

/** UUIDv7s: they rise with time, and no two are the same. */
function createIds(scheduler: Scheduler): () => string {
  let count = 0;
  return () => {
    count += 1;
    const ms = Math.floor(EPOCH + scheduler.now)
      .toString(16)
      .padStart(12, '0');
    return `${ms.slice(0, 8)}-${ms.slice(8)}-7000-8000-${count.toString(16).padStart(12, '0')}`;
  };
}
