import { time } from './time.ts';

export interface BackoffOptions {
  /** First wait, ms. */
  readonly initialMs: number;
  /** No wait is longer, ms. */
  readonly maximumMs: number;
}

const defaults: BackoffOptions = { initialMs: 100, maximumMs: 5_000 };

/**
 * The wait before the given attempt (1, 2, …), ms: doubling, capped, and jittered over its upper half, so that
 * those that failed together don't return together.
 */
export function backoffMs(attempt: number, options: BackoffOptions = defaults): number {
  const ceiling = Math.min(options.maximumMs, options.initialMs * 2 ** Math.min(attempt - 1, 30));
  return ceiling / 2 + (time.random() * ceiling) / 2;
}

/** Waits; ends at once, without an error, when the signal aborts. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return time.pause(ms, signal);
}

/** Waits that can be cut short, one at a time. */
export interface Sleeper {
  /** Until the time is over, ms, or somebody wakes it. */
  sleep(ms: number): Promise<void>;
  wake(): void;
  readonly asleep: boolean;
}

export function createSleeper(): Sleeper {
  let end: (() => void) | undefined;
  return {
    async sleep(ms) {
      let callOff: (() => void) | undefined;
      await new Promise<void>((resolve) => {
        callOff = time.after(ms, resolve);
        end = resolve;
      });
      callOff?.();
      end = undefined;
    },
    wake() {
      end?.();
      end = undefined;
    },
    get asleep() {
      return end !== undefined;
    },
  };
}
