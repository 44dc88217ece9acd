import type { ServiceName } from '@skald/contracts';
import type { SeededRandom } from '@skald/testkit';
import type { Kafka } from 'kafkajs';
import type { Locks } from './locks.ts';
import type { Proxies } from './proxies.ts';
import type { System } from './system.ts';

/** Whether a fault is done to processes, on the network, or to something else. */
export type Family = 'process' | 'network' | 'log' | 'disk';

/** What was seen of a fault, and how often: `{ 'connections reset': 7 }`. */
export type Seen = Readonly<Record<string, number>>;

/** One fault of a plan. */
export interface PlannedFault {
  readonly kind: string;
  /** A process, an instance, or a service. */
  readonly target: string;
  /** It fires when so many customers have come: a moment that a slow machine doesn't change. */
  readonly afterSent: number;
  /** How long it lasts, ms. Some last until they are seen. */
  readonly lastsMs: number;
}

/** What is there to be broken. */
export interface Setup {
  readonly services: readonly ServiceName[];
  readonly instances: readonly string[];
  readonly brokers: number;
}

/** A system behind proxies, and what faults share. */
export interface Field extends System {
  readonly setup: Setup;
  readonly proxies: Proxies;
  /** A client of the tests' own, past the proxies. */
  readonly kafka: Kafka;
  /** One fault at a time for each process. */
  readonly locks: Locks;
  /** Keys of records that no service has written: they are expected to be parked. */
  readonly planted: Set<string>;
  /** What can only be seen when all is at rest. */
  atRest(kind: string, look: () => Promise<Seen>): void;
  /** Something that should not be, told by a fault itself. */
  complain(complaint: string): void;
}

export interface FaultKind {
  /** As the report calls it. */
  readonly name: string;
  readonly family: Family;
  /** Whom it can be done to; nobody, where it can't be done. */
  targets(setup: Setup): readonly string[];
  /** From and to, ms. */
  readonly lastsMs?: readonly [number, number];
  /** Why it can't happen here, if it can't. */
  unavailable?(field: Field): string | undefined;
  /** Does it, ends it, waits until who was hit is back, and says what was seen of it. */
  fire(field: Field, fault: PlannedFault, random: SeededRandom): Promise<Seen>;
}

/** Seen more often than before. */
export function grown<Counts extends Readonly<Record<string, number>>>(
  before: Counts,
  after: Counts,
  names: Readonly<Partial<Record<keyof Counts, string>>>,
): Seen {
  const entries = Object.entries(names) as [keyof Counts & string, string][];
  return Object.fromEntries(entries.map(([name, told]) => [told, (after[name] ?? 0) - (before[name] ?? 0)]));
}

/** Both together. */
export function addSeen(one: Seen, other: Seen): Seen {
  const sum: Record<string, number> = { ...one };
  for (const [what, count] of Object.entries(other)) sum[what] = (sum[what] ?? 0) + count;
  return sum;
}
