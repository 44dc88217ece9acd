import type { Database, EventReader, InputReader, Standing } from '@skald/messaging';
import type { Logger } from '@skald/service-kit';
import type { Comparison, OrderGenerations } from './order-generations.ts';
import type { OrderStore } from './order-store.ts';
import type { RebuiltViews } from './rebuilt-views.ts';

export interface RebuildOptions {
  /** Compares, and drops what was built. */
  readonly isDryRun: boolean;
  /** What the log says counts, whatever the live generation says. */
  readonly acceptsDifferences: boolean;
  /** Generations that were live, to go back to. */
  readonly keep: number;
  /** How long the live one may take to catch up, ms. */
  readonly patienceMs: number;
}

export interface RebuildParts {
  readonly database: Pick<Database, 'query'>;
  readonly generations: OrderGenerations;
  readonly live: Pick<OrderStore, 'positions'>;
  readonly views: RebuiltViews;
  readonly standing: Standing;
  readonly readInputs: InputReader;
  readonly readModels: EventReader;
  readonly brokers: readonly string[];
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Called often. */
  onProgress(says: string): void;
}

export interface RebuildReport {
  readonly verdict: 'same' | 'different';
  readonly isSwitched: boolean;
  readonly generation: number;
  /** Orders that were built. */
  readonly orders: number;
  readonly records: number;
  readonly poison: number;
  /** Until the new generation held all that was folded, and until the end, ms. */
  readonly builtMs: number;
  readonly durationMs: number;
  /** Of this process, without Postgres and Kafka. */
  readonly cpuMs: number;
  readonly comparison: Comparison;
  /** Generations that are kept. */
  readonly kept: readonly number[];
}
