export const backoffDefaults = { first: 100, cap: 5_000 } as const;

/**
 * How long to wait (ms) before the nth start in a row (from 1): doubling, capped, and half of it random so that
 * processes that died together don't come back in step.
 */
export function backoff(attempt: number, random: () => number = Math.random): number {
  const full = Math.min(backoffDefaults.cap, backoffDefaults.first * 2 ** Math.max(0, attempt - 1));
  return Math.round(full / 2 + (full / 2) * random());
}
