import type { Kernel } from '@skald/messaging';
import type { Logger } from '@skald/service-kit';
import type { Catalogue } from './catalogue.ts';
import { forgetOldKeys } from './claims.ts';

const REFRESH_MS = 10_000;
const FIRST_REFRESH_MS = 250;
const FORGET_MS = 10 * 60_000;
const FORGET_AT_ONCE = 1_000;

/** What has to be done now and then, beside the requests. */
export interface Upkeep {
  start(): void;
  /** Resolves once nothing is in hand. */
  stop(): Promise<void>;
}

/** Keeps the catalogue fresh, whichever instance is told of a product, and forgets old idempotency keys. */
export function createUpkeep(kernel: Kernel, catalogue: Catalogue, logger: Logger): Upkeep {
  const refreshing = repeat(
    async () => {
      if (kernel.status().database) await catalogue.refresh(kernel.database);
      return catalogue.size === 0 ? FIRST_REFRESH_MS : REFRESH_MS;
    },
    REFRESH_MS,
    logger,
  );
  const forgetting = repeat(
    async () => {
      if (!kernel.status().database) return REFRESH_MS;
      return (await forgetOldKeys(kernel.database, FORGET_AT_ONCE)) === FORGET_AT_ONCE
        ? FIRST_REFRESH_MS
        : FORGET_MS;
    },
    FORGET_MS,
    logger,
  );
  return {
    start() {
      refreshing.start();
      forgetting.start();
    },
    async stop() {
      await Promise.all([refreshing.stop(), forgetting.stop()]);
    },
  };
}

/** Runs work again and again, after as many ms as it answers; after `fallbackMs` when it fails. */
function repeat(work: () => Promise<number>, fallbackMs: number, logger: Logger): Upkeep {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  async function run(): Promise<void> {
    let pauseMs = fallbackMs;
    try {
      pauseMs = await work();
    } catch (error) {
      logger.warn({ err: error }, 'upkeep failed and is tried again');
    }
    if (!stopped) timer = setTimeout(begin, pauseMs);
  }
  function begin(): void {
    running = run();
  }
  return {
    start: begin,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
