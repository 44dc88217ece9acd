import { randomUUID } from 'node:crypto';
import {
  type Answer,
  answer,
  type Entry,
  emptyLedger,
  enter,
  type Ledger,
  type Pace,
  type Request,
} from './simulator.ts';

/** Where entries are written before the answer goes out. */
export interface EntryLog {
  readonly entries: readonly Entry[];
  append(entry: Entry): Promise<void>;
  flushed(): Promise<void>;
}

export interface TellerOptions {
  /** Absent: the ledger is kept in memory, and forgotten with the process. */
  readonly log?: EntryLog | undefined;
  /** How long the answer to tok_slow is held back, ms. */
  readonly slowMs?: number;
  /** How long the answer to tok_timeout is held back, ms. */
  readonly lateMs?: number;
}

/** What was decided. The answer goes out once it is `written`, after `delayMs`. */
export interface Taken {
  readonly answer: Answer;
  readonly delayMs: number;
  readonly written: Promise<void>;
}

/** The simulator with a clock, ids and a ledger. */
export interface Teller {
  readonly ledger: Ledger;
  take(request: Request): Taken;
}

const written = Promise.resolve();

export function createTeller({ log, slowMs = 1_000, lateMs = 10_000 }: TellerOptions = {}): Teller {
  const ledger = emptyLedger();
  for (const entry of log?.entries ?? []) enter(ledger, entry);
  const delays: Readonly<Record<Pace, number>> = { atOnce: 0, slow: slowMs, late: lateMs };

  return {
    ledger,
    take(request) {
      const turn = answer(ledger, request, { now: Date.now(), newId: randomUUID });
      const taken = { answer: turn.answer, delayMs: delays[turn.pace] };
      // What is answered once more may have been entered a moment ago: it waits for the same flush.
      if (turn.entry === undefined) return { ...taken, written: log?.flushed() ?? written };
      enter(ledger, turn.entry);
      return { ...taken, written: log?.append(turn.entry) ?? written };
    },
  };
}
