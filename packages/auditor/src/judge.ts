import { topicOf, topics } from '@skald/contracts';
import { type Case, openCase, type Wait } from './case.ts';
import type { Evidence } from './evidence/evidence.ts';
import {
  consumedIsAccountedFor,
  outagesWriteNoDeadLetter,
  poisonHoldsUpItsKeyAlone,
} from './invariants/consumption.ts';
import {
  eachEventIsAppliedOnce,
  lateRecordsChangeNothing,
  outboxIsOnTopics,
  sequencesRise,
} from './invariants/log.ts';
import { deletedMails, oneMailEach } from './invariants/mails.ts';
import { moneyAddsUp } from './invariants/money.ts';
import { acceptedOrdersExist, eachOrderHasOneEnd, oneKeyOneOrder } from './invariants/orders.ts';
import { readModelsAreFolds, schemasAreCompatible } from './invariants/read-models.ts';
import { dispatchedIfConfirmed } from './invariants/shipments.ts';
import { reservationsEndWithTheirOrder, stockAddsUp } from './invariants/stock.ts';
import type { Check, Violation } from './invariants/violation.ts';

/** What the auditor is told besides, of what it can't see. */
export interface Expectations {
  /** Orders that were answered with 2xx. */
  readonly accepted?: readonly string[];
  /** Nobody has sent poison: each dead letter, and each key that waits, is a violation. */
  readonly noPoison?: boolean;
  /** Nobody has deleted mails: each one that is missing is a violation, however old. */
  readonly mailboxIsWhole?: boolean;
  /** From when on what waits is stuck, ms. Default 60,000. */
  readonly stuckAfterMs?: number;
}

export type Verdict = 'ok' | 'violated' | 'nothing to check' | 'not from outside';

/** One promise of the design, and what came of looking. */
export interface Judgement {
  readonly invariant: number;
  readonly promise: string;
  /** How many things were looked at. */
  readonly checked: number;
  readonly verdict: Verdict;
  /** Where it can't be read from outside: why. */
  readonly note?: string;
  readonly violations: readonly Violation[];
}

export interface Opinion {
  readonly judgements: readonly Judgement[];
  readonly violations: readonly Violation[];
  /** One for each key for which something still moves: the first thing that it waits for. */
  readonly inFlight: readonly Wait[];
  /** Those that have waited too long. */
  readonly stuck: readonly Wait[];
  /** Orders for which nothing moves any more, so that they were judged as a whole. */
  readonly settled: number;
  /** Records that were there already. */
  readonly repeated: number;
  /** Mails that are not there, and may have been deleted from the mailbox. */
  readonly deletedMails: number;
}

export const DEFAULT_STUCK_AFTER_MS = 60_000;

interface Promised {
  readonly promise: string;
  readonly check?: Check;
  /** Why it can't be read from outside. */
  readonly note?: string;
}

/** The design's list, in its order. */
const promises = ({
  accepted = [],
  noPoison = false,
  mailboxIsWhole = false,
  stuckAfterMs,
}: Expectations): readonly Promised[] => [
  {
    promise: 'every order answered with 2xx exists',
    check: acceptedOrdersExist(accepted),
    note: '--accepted names them',
  },
  { promise: 'one Idempotency-Key, one order', check: oneKeyOneOrder },
  { promise: 'each order reaches exactly one end', check: eachOrderHasOneEnd },
  { promise: 'on hand + reserved + shipped = what came in', check: stockAddsUp },
  { promise: 'charges − refunds = the total, or nothing', check: moneyAddsUp },
  { promise: 'dispatched if confirmed, once', check: dispatchedIfConfirmed },
  { promise: 'no reservation outlives a cancellation', check: reservationsEndWithTheirOrder },
  { promise: 'one mail at most for each order and template', check: oneMailEach(mailboxIsWhole) },
  { promise: 'ids on the topics = ids committed', check: outboxIsOnTopics },
  { promise: 'sequences rise without a gap', check: sequencesRise },
  { promise: 'each consumer applies each event once', check: eachEventIsAppliedOnce },
  {
    promise: 'poison holds up its own key alone',
    check: poisonHoldsUpItsKeyAlone(stuckAfterMs ?? DEFAULT_STUCK_AFTER_MS),
  },
  { promise: 'consumed = applied, ignored, parked or dead-lettered', check: consumedIsAccountedFor },
  { promise: 'an outage writes no dead letter', check: outagesWriteNoDeadLetter(noPoison) },
  { promise: 'what a relay sends late changes nothing', check: lateRecordsChangeNothing },
  { promise: 'read models = the fold of their logs', check: readModelsAreFolds },
  {
    promise: 'a replay calls no provider, sends no mail',
    note: 'nobody can see a replay: 5 and 8 see what it would leave',
  },
  { promise: 'incompatible schemas are refused', check: schemasAreCompatible },
  { promise: 'outbox, parking, WAL and memory come back', note: 'one look can’t say: watch the metrics' },
  { promise: 'SIGTERM: drained, exit 0 within 10 s', note: 'seen by whoever stops a service' },
];

/** Says what the evidence shows. Pure. */
export function judge(evidence: Evidence, expectations: Expectations = {}): Opinion {
  const it = openCase(evidence);
  const judgements = promises(expectations).map((promised, index) => judgeOne(it, index + 1, promised));
  const inFlight = waitsOf(it);
  const stuckBefore = evidence.takenAt - (expectations.stuckAfterMs ?? DEFAULT_STUCK_AFTER_MS);
  return {
    judgements,
    violations: judgements.flatMap(({ violations }) => violations),
    inFlight,
    stuck: inFlight.filter(({ since }) => since < stuckBefore),
    settled: it.settled.size,
    repeated: repeatedIn(evidence),
    deletedMails: deletedMails(it, expectations.mailboxIsWhole ?? false),
  };
}

function judgeOne(it: Case, invariant: number, { promise, check, note }: Promised): Judgement {
  if (check === undefined) {
    return {
      invariant,
      promise,
      checked: 0,
      verdict: 'not from outside',
      violations: [],
      ...(note && { note }),
    };
  }
  const { checked, violations } = check(it);
  const verdict = violations.length > 0 ? 'violated' : checked === 0 ? 'nothing to check' : 'ok';
  return {
    invariant,
    promise,
    checked,
    verdict,
    violations,
    ...(checked === 0 && note !== undefined && { note }),
  };
}

function waitsOf(it: Case): Wait[] {
  const { business, kernels, outboxes, chains } = it.evidence;
  const keys = new Set(business.orders.keys());
  for (const { key } of chains.in(topicOf('ProductListed'))) keys.add(key);
  for (const { effects, parked } of kernels.values()) {
    for (const key of effects.keys()) keys.add(key);
    for (const { key } of parked) keys.add(key);
  }
  for (const { unpublished } of outboxes.values()) for (const { key } of unpublished) keys.add(key);
  return [...keys].flatMap((key) => it.waits(key).slice(0, 1)).sort((one, other) => one.since - other.since);
}

function repeatedIn({ chains }: Evidence): number {
  let repeated = 0;
  for (const { name } of Object.values(topics))
    for (const chain of chains.in(name)) repeated += chain.repeated;
  return repeated;
}
