import { FatalError } from './errors.ts';
import type { ReactionReport } from './reaction.ts';

/** So many of the last messages are looked at. */
const WINDOW = 200;
/** And if so many of them failed in the handler, the handler is what is broken. */
const LIMIT = 100;

/**
 * When half of what comes in fails in the handler, it is a bad deployment, not poison: stop before the stream is
 * dead-lettered. What can't even be decoded is somebody else's fault and doesn't count.
 */
export function createMassFailureGuard(): (report: ReactionReport) => void {
  const recent: boolean[] = [];
  let failures = 0;
  return ({ outcomes }) => {
    for (const { outcome, error } of outcomes) {
      if (outcome === 'duplicate' || outcome === 'parked') continue;
      const failed = outcome === 'poison' && error?.code === 'HANDLER_FAILED';
      recent.push(failed);
      if (failed) failures += 1;
      if (recent.length > WINDOW && recent.shift() === true) failures -= 1;
    }
    if (failures >= LIMIT) {
      throw new FatalError(
        'MASS_FAILURE',
        `the handler failed for ${failures} of the last ${recent.length} messages`,
      );
    }
  };
}
