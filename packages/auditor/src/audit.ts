import type { Wait } from './case.ts';
import type { Evidence } from './evidence/evidence.ts';
import { type GatherOptions, gatherEvidence } from './evidence/gather.ts';
import { horizonOf } from './horizon.ts';
import type { Violation } from './invariants/violation.ts';
import { type Expectations, type Judgement, judge, type Opinion } from './judge.ts';
import type { Witnesses } from './witnesses.ts';

export interface AuditOptions extends Expectations, GatherOptions {}

/** What one audit has found, as `npm run audit -- --json` prints it. */
export interface AuditReport {
  /** ISO 8601. */
  readonly takenAt: string;
  readonly durationMs: number;
  readonly verdict: 'clean' | 'violated';
  readonly totals: {
    readonly orders: number;
    /** Of these: nothing moves for them any more, so that they were judged as a whole. */
    readonly settled: number;
    readonly records: number;
    readonly lost: number;
    readonly duplicated: number;
    readonly reordered: number;
    /** Records that came again, as at-least-once delivery may: no violation. */
    readonly repeated: number;
    readonly inFlight: number;
    readonly stuck: number;
    readonly deadLetters: { readonly open: number; readonly resolved: number };
  };
  readonly invariants: readonly Omit<Judgement, 'violations'>[];
  readonly violations: readonly Violation[];
  readonly inFlight: readonly Wait[];
  readonly stuck: readonly Wait[];
  /** As far back as the witnesses reach, where that is not the beginning. */
  readonly horizon: readonly string[];
  /** By service: entries that Kafka has not acknowledged, and when the oldest of them was made (epoch ms). */
  readonly outboxes: Readonly<Record<string, { readonly waiting: number; readonly oldest?: number }>>;
}

/**
 * Reads all witnesses of a system, at work or at rest, and says what they show. Throws `WitnessAway` when one of them
 * doesn't answer: then nothing can be said.
 */
export async function audit(witnesses: Witnesses, options: AuditOptions = {}): Promise<AuditReport> {
  const startedAt = performance.now();
  const evidence = await gatherEvidence(witnesses, options);
  options.onProgress?.('judging');
  const opinion = judge(evidence, options);
  const durationMs = Math.round(performance.now() - startedAt);
  return { ...reportOf(evidence, opinion), durationMs };
}

export function reportOf(
  evidence: Evidence,
  { judgements, violations, inFlight, stuck, settled, repeated, deletedMails }: Opinion,
): Omit<AuditReport, 'durationMs'> {
  const letters = [...evidence.letters.values()];
  const open = letters.filter(({ resolution }) => resolution === undefined).length;
  const ofKind = (kind: Violation['kind']) =>
    violations.filter((violation) => violation.kind === kind).length;
  return {
    takenAt: new Date(evidence.takenAt).toISOString(),
    verdict: violations.length > 0 ? 'violated' : 'clean',
    totals: {
      orders: evidence.business.orders.size,
      settled,
      records: evidence.records,
      lost: ofKind('lost'),
      duplicated: ofKind('duplicated'),
      reordered: ofKind('reordered'),
      repeated,
      inFlight: inFlight.length,
      stuck: stuck.length,
      deadLetters: { open, resolved: letters.length - open },
    },
    invariants: judgements.map(({ violations: _violations, ...judgement }) => judgement),
    violations,
    inFlight,
    stuck,
    horizon: horizonOf(evidence, deletedMails),
    outboxes: Object.fromEntries([...evidence.outboxes].map(([service, look]) => [service, waitingIn(look)])),
  };
}

function waitingIn({
  unpublished,
  low,
}: {
  unpublished: readonly { position: number; createdAt: number }[];
  low: number;
}) {
  const waiting = unpublished.filter(({ position }) => position > low);
  const oldest = waiting[0]?.createdAt;
  return { waiting: waiting.length, ...(oldest !== undefined && { oldest }) };
}
