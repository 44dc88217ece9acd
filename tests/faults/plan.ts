import { createSeededRandom, type SeededRandom } from '@skald/testkit';
import type { FaultKind, PlannedFault, Setup } from './fault.ts';

export interface PlanOptions {
  readonly seed: number;
  readonly kinds: readonly FaultKind[];
  readonly setup: Setup;
  /** Customers who come. */
  readonly orders: number;
  /** Faults of processes and of the network, at least. */
  readonly faults: number;
}

/** Between these shares of the customers something happens. */
const FROM = 0.05;
const TO = 0.85;
/** It goes through all instances: once is enough. */
const ONCE = 'rolling restart';

/** Each kind that can be, once; then more of processes and network. The same for the same seed. */
export function planFaults({ seed, kinds, setup, orders, faults }: PlanOptions): PlannedFault[] {
  const random = createSeededRandom(seed);
  const possible = kinds.filter((kind) => kind.targets(setup).length > 0);
  const many = possible.filter(({ family, name }) => countsAsFault(family) && name !== ONCE);
  const chosen = [...possible];
  const count = () => chosen.filter(({ family }) => countsAsFault(family)).length;
  while (many.length > 0 && count() < faults) chosen.push(random.pick(many));
  const spread = (orders * (TO - FROM)) / chosen.length;
  return random.shuffled(chosen).map((kind, index) => ({
    kind: kind.name,
    target: random.pick(kind.targets(setup)),
    afterSent: Math.floor(orders * FROM + spread * (index + random.next())),
    lastsMs: lengthOf(kind, random),
  }));
}

const countsAsFault = (family: FaultKind['family']): boolean => family === 'process' || family === 'network';

function lengthOf({ lastsMs }: FaultKind, random: SeededRandom): number {
  return lastsMs === undefined ? 0 : random.int(...lastsMs);
}

/** A fault's own chance: it does not depend on when the others come to theirs. */
export const randomOf = (seed: number, index: number): SeededRandom =>
  createSeededRandom(seed * 1_009 + index + 1);

/** `at customer 120: kill -9 of an instance, order-2`, with the length of what lasts. */
export const describeFault = ({ kind, target, afterSent, lastsMs }: PlannedFault): string =>
  `at customer ${afterSent}: ${kind}, ${target}${lastsMs > 0 ? `, ${(lastsMs / 1_000).toFixed(1)} s` : ''}`;
