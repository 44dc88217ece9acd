import { FatalError } from './errors.ts';
import type { ReactionReport } from './reaction.ts';

/** So many of the last messages are looked at. */
const WINDOW = 200;
/** And if so many of them failed in our own hands, it is we who are broken. */
const LIMIT = 100;
/** Codes of what fails while it is handled or saved, other than by a rule's judgement. */
const OURS: ReadonlySet<string | undefined> = new Set(['HANDLER_FAILED', 'NOT_SAVED']);

type Outcomes = ReactionReport['outcomes'];

export interface MassFailureGuard {
  /** Before the commit. Throws FatalError MASS_FAILURE when with these too many have failed: nothing more is parked. */
  check(outcomes: Outcomes): void;
  /** They are committed. */
  note(outcomes: Outcomes): void;
}

/**
 * When half of what comes in fails in the handler, it is a bad deployment, not poison: stop before the stream is
 * dead-lettered. What can't even be decoded is somebody else's fault and doesn't count.
 */
export function createMassFailureGuard(): MassFailureGuard {
  let recent: readonly boolean[] = [];
  const withThese = (outcomes: Outcomes): readonly boolean[] => {
    const judged = outcomes.filter(({ outcome }) => outcome !== 'duplicate' && outcome !== 'parked');
    return [...recent, ...judged.map(hasFailed)].slice(-WINDOW);
  };
  return {
    check(outcomes) {
      if (!outcomes.some(hasFailed)) return;
      const seen = withThese(outcomes);
      const failures = seen.filter(Boolean).length;
      if (failures >= LIMIT) {
        throw new FatalError(
          'MASS_FAILURE',
          `${failures} of the last ${seen.length} messages failed while they were handled`,
        );
      }
    },
    note(outcomes) {
      // A healthy stream costs nothing: without a failure to remember there is nothing to push out.
      if (outcomes.some(hasFailed) || recent.includes(true)) recent = withThese(outcomes);
    },
  };
}

const hasFailed = ({ outcome, error }: Outcomes[number]): boolean =>
  outcome === 'poison' && OURS.has(error?.code);
