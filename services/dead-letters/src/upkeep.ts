import type { Queryable } from '@skald/messaging';
import type { Logger } from '@skald/service-kit';
import { forgetResolved } from './store.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** As long as the dead letter topics keep what they hold. */
export const RESOLVED_DAYS = 14;
const EVERY_MS = 60 * 60 * 1000;
const SLICE = 1_000;

/** Forgets resolved dead letters, slice by slice. What is open stays, however old. */
export async function forgetOld(db: Queryable, now: number): Promise<number> {
  const before = new Date(now - RESOLVED_DAYS * DAY_MS);
  let forgotten = 0;
  for (let slice = SLICE; slice === SLICE; forgotten += slice)
    slice = await forgetResolved(db, before, SLICE);
  return forgotten;
}

/** Does so now and then, until it is stopped. */
export function createUpkeep(db: Queryable, logger: Logger) {
  let timer: NodeJS.Timeout | undefined;
  const once = async () => {
    try {
      const forgotten = await forgetOld(db, Date.now());
      if (forgotten > 0) logger.info({ forgotten }, 'forgot resolved dead letters');
    } catch (error) {
      logger.warn({ err: error }, 'resolved dead letters could not be forgotten: tried again in an hour');
    }
  };
  return {
    start() {
      void once();
      timer = setInterval(() => void once(), EVERY_MS);
      timer.unref();
    },
    stop: () => clearInterval(timer),
  };
}
