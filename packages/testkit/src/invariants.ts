import type { StackAddresses } from '@skald/local-stack';
import { type Evidence, gatherEvidence } from './invariants/evidence.ts';
import { eachEventIsAppliedOnce, noDeadLetters, outboxIsOnTopics, sequencesRise } from './invariants/log.ts';
import { oneMailEach } from './invariants/mails.ts';
import { moneyAddsUp } from './invariants/money.ts';
import { acceptedOrdersExist, eachOrderHasOneEnd, oneKeyOneOrder } from './invariants/orders.ts';
import { dispatchedIfConfirmed } from './invariants/shipments.ts';
import { reservationsEndWithTheirOrder, stockAddsUp } from './invariants/stock.ts';
import { type Check, tellStory, type Violation } from './invariants/violation.ts';
import type { TopicRecord } from './topic-reader.ts';

export interface Expectations {
  /** Orders that were answered with 2xx. */
  readonly accepted?: readonly string[];
  /** Records that a test put into topics itself: left out of what is judged, dead letters of them included. */
  isForeign?(record: TopicRecord): boolean;
  /** Invariants that this test breaks on purpose, by their number in the design. */
  readonly except?: readonly number[];
}

const checks: readonly Check[] = [
  oneKeyOneOrder,
  eachOrderHasOneEnd,
  stockAddsUp,
  moneyAddsUp,
  dispatchedIfConfirmed,
  reservationsEndWithTheirOrder,
  oneMailEach,
  outboxIsOnTopics,
  sequencesRise,
  eachEventIsAppliedOnce,
  noDeadLetters,
];

/**
 * An independent witness of the design's invariants 1 to 11 and 14, over everything that a stack has ever done. They
 * hold at rest: see `waitForRest`. Answers what is violated, with evidence; nothing if all is well.
 */
export async function checkInvariants(
  addresses: StackAddresses,
  { accepted = [], isForeign = () => false, except = [] }: Expectations = {},
): Promise<Violation[]> {
  const evidence = await gatherEvidence(addresses, isForeign);
  return judge(evidence, accepted).filter(({ invariant }) => !except.includes(invariant));
}

export function judge(evidence: Evidence, accepted: readonly string[] = []): Violation[] {
  const story = tellStory(evidence);
  return [acceptedOrdersExist(accepted), ...checks].flatMap((check) => check(evidence, story));
}
