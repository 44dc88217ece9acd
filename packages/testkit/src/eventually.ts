import { setTimeout as pause } from 'node:timers/promises';

export interface Patience {
  /** How long to go on trying, ms. Default 30,000. */
  readonly timeoutMs?: number;
  /** Between two tries, ms. Default 25, growing to 250. */
  readonly everyMs?: number;
  /** What is waited for, in words: part of the message when it doesn't come. */
  readonly what?: string;
}

const SLOWEST_MS = 250;

/**
 * Tries again until `check` neither throws nor answers false or undefined; answers what it answered.
 * Throws, when the patience is over, an error whose cause is the last failure.
 */
export async function eventually<Result>(
  check: () => Result | Promise<Result>,
  { timeoutMs = 30_000, everyMs = 25, what = 'what was waited for' }: Patience = {},
): Promise<Exclude<Awaited<Result>, false | undefined>> {
  const giveUpAt = performance.now() + timeoutMs;
  let cause: unknown;
  let waitMs = everyMs;
  do {
    try {
      const result = await check();
      if (result !== false && result !== undefined) {
        return result as Exclude<Awaited<Result>, false | undefined>;
      }
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await pause(waitMs);
    waitMs = Math.min(waitMs * 1.5, Math.max(everyMs, SLOWEST_MS));
  } while (performance.now() < giveUpAt);
  const reason = cause instanceof Error ? `: ${cause.message}` : '';
  throw new Error(`After ${timeoutMs} ms still not: ${what}${reason}`, { cause });
}
