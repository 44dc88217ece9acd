import { setTimeout as delay } from 'node:timers/promises';

/** Lets so many a second pass, and no burst of those that were saved up. */
export function createPace(perSecond: number, now: () => number = () => performance.now()) {
  let nextAt = 0;
  return {
    /** Ms until `count` more may pass; they are counted from here on. */
    reserve(count: number): number {
      const at = Math.max(now(), nextAt);
      nextAt = at + (count * 1_000) / perSecond;
      return at - now();
    },
  };
}

/** Waits; ends at once, without an error, when the signal aborts. */
export async function wait(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0) return;
  await delay(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
