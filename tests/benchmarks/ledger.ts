import type { Confirmation } from './observer.ts';

/** An order that a contender accepted, and that must now be confirmed. */
export interface AcceptedOrder {
  readonly orderId: string;
  /** Epoch ms with fractions. */
  readonly intendedAt: number;
  /** Which order of the benchmark it is: says its lines. */
  readonly index: number;
}

export interface Ended extends AcceptedOrder {
  readonly appendedAt: number;
  /** Epoch ms with fractions. */
  readonly seenAt: number;
}

/** Who was promised what, over all runs with a contender. */
export interface Audit {
  readonly accepted: number;
  readonly confirmed: number;
  /** Accepted but never confirmed. */
  readonly lost: number;
  /** Confirmed by a second event: a wrong effect. */
  readonly confirmedTwice: number;
  /** The same event once more: at least once, so allowed. */
  readonly redelivered: number;
  /** Confirmed without a 202: right only for a POST that got no answer. */
  readonly unclaimed: number;
}

interface Early {
  readonly confirmation: Confirmation;
  readonly seenAt: number;
}

/** Matches confirmations to accepted orders. A confirmation may be seen before its 202 is. */
export class Ledger {
  readonly #open = new Map<string, AcceptedOrder>();
  readonly #early = new Map<string, Early>();
  readonly #confirmedBy = new Map<string, string>();
  #accepted = 0;
  #confirmedTwice = 0;
  #redelivered = 0;
  readonly #ended: (order: Ended) => void;

  /** `ended` is called once for each order that is both accepted and confirmed. */
  constructor(ended: (order: Ended) => void) {
    this.#ended = ended;
  }

  accept(order: AcceptedOrder): void {
    this.#accepted += 1;
    const early = this.#early.get(order.orderId);
    if (early === undefined) {
      this.#open.set(order.orderId, order);
      return;
    }
    this.#early.delete(order.orderId);
    this.#ended({ ...order, appendedAt: early.confirmation.appendedAt, seenAt: early.seenAt });
  }

  confirm(confirmation: Confirmation, seenAt: number): void {
    const { orderId, eventId, appendedAt } = confirmation;
    const confirmedBy = this.#confirmedBy.get(orderId);
    if (confirmedBy !== undefined) {
      if (confirmedBy === eventId) this.#redelivered += 1;
      else this.#confirmedTwice += 1;
      return;
    }
    this.#confirmedBy.set(orderId, eventId);
    const order = this.#open.get(orderId);
    if (order === undefined) {
      this.#early.set(orderId, { confirmation, seenAt });
      return;
    }
    this.#open.delete(orderId);
    this.#ended({ ...order, appendedAt, seenAt });
  }

  /** Orders accepted and not yet confirmed. */
  get open(): number {
    return this.#open.size;
  }

  audit(): Audit {
    return {
      accepted: this.#accepted,
      confirmed: this.#confirmedBy.size,
      lost: this.#open.size,
      confirmedTwice: this.#confirmedTwice,
      redelivered: this.#redelivered,
      unclaimed: this.#early.size,
    };
  }
}
