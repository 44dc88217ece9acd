import type { BacklogSample } from './flatness.ts';
import type { Ended } from './ledger.ts';
import type { LoadPlan, LoadProgress, LoadResult } from './load-protocol.ts';
import { Samples } from './samples.ts';
import { createSchedule, type Schedule } from './schedule.ts';

/** Epoch ms with fractions: one clock with the timestamps of messages. */
export const now = (): number => performance.timeOrigin + performance.now();

/** The counts and latencies of one run at one rate. */
export class LoadRun {
  readonly plan: LoadPlan;
  readonly schedule: Schedule;
  readonly measureFrom: number;
  readonly endsAt: number;
  sent = 0;
  answered = 0;
  #accepted = 0;
  #confirmed = 0;
  #refused = 0;
  #confirmedInWindow = 0;
  #lastConfirmedAt = 0;
  readonly #refusedBy: Record<string, number> = {};
  readonly #sendDelay = new Samples();
  readonly #acceptedLatency = new Samples();
  readonly #confirmedLatency = new Samples();
  readonly #appendedLatency = new Samples();
  readonly #backlog: BacklogSample[] = [];

  constructor(plan: LoadPlan, start: number) {
    this.plan = plan;
    this.schedule = createSchedule(plan.rate, plan.rampSeconds + plan.seconds, start);
    this.measureFrom = start + plan.rampSeconds * 1_000;
    this.endsAt = this.measureFrom + plan.seconds * 1_000;
  }

  get outstanding(): number {
    return this.sent - this.answered;
  }

  /** Nothing is to come any more. */
  get settled(): boolean {
    return this.sent === this.schedule.total && this.outstanding === 0 && this.#confirmed >= this.#accepted;
  }

  #isMeasured(intendedAt: number): boolean {
    return intendedAt >= this.measureFrom;
  }

  noteSent(intendedAt: number, at: number): void {
    this.sent += 1;
    if (this.#isMeasured(intendedAt)) this.#sendDelay.add(at - intendedAt);
  }

  noteAccepted(intendedAt: number, at: number): void {
    this.answered += 1;
    this.#accepted += 1;
    if (this.#isMeasured(intendedAt)) this.#acceptedLatency.add(at - intendedAt);
  }

  noteRefused(status: number): void {
    this.answered += 1;
    this.#refused += 1;
    this.#refusedBy[status] = (this.#refusedBy[status] ?? 0) + 1;
  }

  noteConfirmed({ intendedAt, appendedAt, seenAt }: Ended): void {
    // A straggler of an earlier run.
    if (intendedAt < this.schedule.intendedAt(0)) return;
    this.#confirmed += 1;
    this.#lastConfirmedAt = seenAt;
    if (seenAt >= this.measureFrom && seenAt < this.endsAt) this.#confirmedInWindow += 1;
    if (!this.#isMeasured(intendedAt)) return;
    this.#confirmedLatency.add(seenAt - intendedAt);
    this.#appendedLatency.add(appendedAt - intendedAt);
  }

  /** Looks at the backlog while measuring. */
  sampleBacklog(at: number): void {
    const backlog = this.schedule.dueBy(at) - this.#confirmed - this.#refused;
    if (at >= this.measureFrom && at <= this.endsAt) {
      this.#backlog.push({ at: (at - this.measureFrom) / 1_000, backlog });
    }
  }

  progress(at: number): LoadProgress {
    const phase = at < this.measureFrom ? 'ramp' : at < this.endsAt ? 'measure' : 'drain';
    return {
      phase,
      at: (at - this.schedule.intendedAt(0)) / 1_000,
      due: this.schedule.dueBy(at),
      accepted: this.#accepted,
      confirmed: this.#confirmed,
      refused: this.#refused,
    };
  }

  result(): LoadResult {
    const { rate, seconds } = this.plan;
    return {
      offered: Math.round(rate * seconds),
      confirmedInWindow: this.#confirmedInWindow,
      refused: this.#refusedBy,
      unconfirmed: this.#accepted - this.#confirmed,
      sendDelay: this.#sendDelay.percentiles(),
      accepted: this.#acceptedLatency.percentiles(),
      confirmed: this.#confirmedLatency.percentiles(),
      appended: this.#appendedLatency.percentiles(),
      backlog: this.#backlog,
      drainedMs: Math.max(0, this.#lastConfirmedAt - this.endsAt),
    };
  }
}
