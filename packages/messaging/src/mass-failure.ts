import { MessagingError } from './errors.ts';
import { isOurs } from './failures.ts';
import type { ReactionReport } from './reaction.ts';

/** So many of the last messages are looked at. */
const WINDOW = 200;
/** And if so many of them failed in our own hands, it is we who are broken. */
const LIMIT = 100;
/** Failures, at least half of what was judged, behind which the next start is on probation. */
const SUSPICIOUS = 10;
/** On probation the first messages are looked at alone, and fewer failures are enough. */
const PROBATION = { window: 20, limit: 10 };
const ERRORS_TOLD = 5;
type Outcomes = ReactionReport['outcomes'];
type Failure = Pick<Outcomes[number], 'topic' | 'partition' | 'offset' | 'key' | 'error'>;

/** Our own build fails: no message is taken in any more, until another is started. */
export class MassFailure extends MessagingError {
  readonly code = 'MASS_FAILURE';
  readonly retryable = false;
  /** The first of them. */
  readonly failures: readonly Failure[];
  constructor(failed: number, judged: number, failures: readonly Failure[]) {
    super(`${failed} of the last ${judged} messages failed while they were handled`);
    this.name = 'MassFailure';
    this.failures = failures;
  }
}

/** What is to be written in the transaction of the outcomes that were judged; `accept`: it has committed. */
export interface Suspicion {
  /** What the next start has to know. Undefined: nothing new. */
  readonly isSuspected: boolean | undefined;
  accept(): void;
}

export interface MassFailureGuard {
  /** Before the commit. Throws MassFailure when with these too many have failed: none of them is parked. */
  judge(outcomes: Outcomes): Suspicion;
}

/**
 * When half of what comes in fails in the handler, it is a bad deployment, not poison: stop before the stream is
 * dead-lettered. What can't even be decoded is somebody else's fault and doesn't count.
 * A process begins with an empty window. Where the one before it was failing (`isSuspected`) it begins on probation: the
 * same build, started again, parks a handful at most. docs/adr/0008-crash-quarantine.md
 */
export function createMassFailureGuard({ isSuspected = false } = {}): MassFailureGuard {
  let recent: readonly boolean[] = [];
  let isOnProbation = isSuspected;
  let isKnown = isSuspected;
  let first: readonly Failure[] = [];

  return {
    judge(outcomes) {
      const judged = outcomes.filter(({ outcome }) => outcome !== 'duplicate' && outcome !== 'parked');
      const failures = judged.filter(hasFailed);
      // A healthy stream costs nothing: without a failure to remember there is nothing to push out.
      if (failures.length === 0 && !isOnProbation && !recent.includes(true)) return nothingNew;
      const all = [...recent, ...judged.map(hasFailed)];
      const told = [...first, ...failures].slice(0, ERRORS_TOLD);
      const window = all.slice(-WINDOW);
      const looks = [{ seen: window, limit: LIMIT }];
      if (isOnProbation) looks.push({ seen: all.slice(0, PROBATION.window), limit: PROBATION.limit });
      const tripped =
        failures.length === 0 ? undefined : looks.find(({ seen, limit }) => count(seen) >= limit);
      if (tripped !== undefined) throw new MassFailure(count(tripped.seen), tripped.seen.length, told);
      const failed = count(window);
      const isSuspicious = failed >= SUSPICIOUS && failed * 2 >= window.length;
      const isOver = isOnProbation && all.length >= PROBATION.window;
      const next = isSuspicious ? true : isOver ? false : isKnown;
      return {
        isSuspected: next === isKnown ? undefined : next,
        accept() {
          recent = window;
          first = failed > 0 ? told : [];
          isKnown = next;
          if (isOver) isOnProbation = false;
        },
      };
    },
  };
}

const nothingNew: Suspicion = { isSuspected: undefined, accept: () => undefined };

const count = (flags: readonly boolean[]): number => flags.filter(Boolean).length;

const hasFailed = ({ outcome, error }: Outcomes[number]): boolean =>
  outcome === 'poison' && isOurs(error?.code);
