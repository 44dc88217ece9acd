import { setTimeout as pause } from 'node:timers/promises';
import { TransientError } from '@skald/messaging';

/** What was waited for has not come in time. */
export class StillBehind extends Error {}

export interface Waiting {
  /**
   * Asks until it is so; who is away and can't say is asked again. Throws StillBehind after `patienceMs`, why `signal` was
   * aborted, and what has failed meanwhile.
   */
  until(
    what: string | (() => string),
    isSo: () => boolean | Promise<boolean>,
    patienceMs?: number,
  ): Promise<void>;
}

const LOOK_MS = 50;

export function createWaiting(
  signal: AbortSignal,
  failed: Promise<never>,
  onProgress: (says: string) => void,
): Waiting {
  let failure: { readonly error: unknown } | undefined;
  failed.catch((error: unknown) => {
    failure = { error };
  });
  return {
    async until(what, isSo, patienceMs = Number.POSITIVE_INFINITY) {
      const says = () => (typeof what === 'string' ? `until ${what}` : what());
      const until = performance.now() + patienceMs;
      for (;;) {
        signal.throwIfAborted();
        if (failure !== undefined) throw failure.error;
        if (await unlessAway(isSo)) return;
        if (performance.now() > until)
          throw new StillBehind(`waited ${Math.round(patienceMs / 1_000)} s, ${says()}`);
        onProgress(says());
        await pause(LOOK_MS);
      }
    },
  };
}

async function unlessAway(isSo: () => boolean | Promise<boolean>): Promise<boolean> {
  try {
    return await isSo();
  } catch (error) {
    if (error instanceof TransientError) return false;
    throw error;
  }
}
