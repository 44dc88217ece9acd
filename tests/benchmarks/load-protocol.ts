import type { BacklogSample } from './flatness.ts';
import type { Audit } from './ledger.ts';
import type { EventFormat } from './observer.ts';
import type { Percentiles } from './samples.ts';

/** Where the load goes and where its confirmations show. */
export interface LoadTarget {
  /** http://host:port of the order service. */
  readonly url: string;
  readonly brokers: readonly string[];
  /** Carries OrderConfirmed. */
  readonly topic: string;
  readonly format: EventFormat;
}

export interface LoadPlan {
  /** Orders/s. */
  readonly rate: number;
  /** Load before the measuring begins. */
  readonly rampSeconds: number;
  /** Load that is measured. */
  readonly seconds: number;
  /** How long to wait afterwards for what isn't confirmed yet. */
  readonly drainSeconds: number;
}

/** Latencies in ms, of orders whose intended send time lies in the measured window; all counted from that time. */
export interface LoadResult {
  /** Orders in the window. */
  readonly offered: number;
  /** Confirmations seen in the window. */
  readonly confirmedInWindow: number;
  /** Anything but a 202, of the whole run: status → count; 0 stands for no answer. */
  readonly refused: Readonly<Record<string, number>>;
  /** Of the whole run, accepted and not confirmed when the waiting ended. */
  readonly unconfirmed: number;
  /** Intended → sent: the generator's own fault. */
  readonly sendDelay: Percentiles;
  /** Intended → 202 read. */
  readonly accepted: Percentiles;
  /** Intended → OrderConfirmed in the hands of a consumer outside. */
  readonly confirmed: Percentiles;
  /** Intended → OrderConfirmed's own timestamp in the log, whole ms. */
  readonly appended: Percentiles;
  readonly backlog: readonly BacklogSample[];
  /** From the last intended send to the last confirmation. */
  readonly drainedMs: number;
}

export interface LoadAudit extends Audit {
  /** SKU → pieces of all accepted orders. */
  readonly pieces: Readonly<Record<string, number>>;
  /** POSTs without an answer: each may have become an order or not. */
  readonly unanswered: number;
}

export interface LoadProgress {
  readonly phase: 'ramp' | 'measure' | 'drain';
  /** Seconds since the load began. */
  readonly at: number;
  readonly due: number;
  readonly accepted: number;
  readonly confirmed: number;
  readonly refused: number;
}

export type LoadCommand =
  | { readonly kind: 'connect'; readonly target: LoadTarget }
  | { readonly kind: 'run'; readonly plan: LoadPlan }
  | { readonly kind: 'finish' };

export type LoadMessage =
  | { readonly kind: 'connected' }
  | { readonly kind: 'progress'; readonly progress: LoadProgress }
  | { readonly kind: 'measuring' }
  | { readonly kind: 'measured' }
  | { readonly kind: 'done'; readonly result: LoadResult }
  | { readonly kind: 'finished'; readonly audit: LoadAudit }
  | { readonly kind: 'failed'; readonly message: string };
