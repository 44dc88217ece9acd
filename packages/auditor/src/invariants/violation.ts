import type { Case } from '../case.ts';
import type { Flaw } from '../evidence/chains.ts';

/** A promise that isn't kept. */
export interface Violation {
  /** Its number in the design's list. */
  readonly invariant: number;
  /** What has become of something: lost, there twice, out of order, or simply not as it should be. */
  readonly kind: Flaw['kind'];
  /** The order, SKU, topic or service that it shows at. */
  readonly subject: string;
  readonly says: string;
  readonly evidence?: unknown;
}

/** What a check has found. */
export interface Finding {
  /** How many things were looked at: 0 is no proof of anything. */
  readonly checked: number;
  readonly violations: readonly Violation[];
}

/** Looks at a case for what must not be. Pure. */
export type Check = (it: Case) => Finding;

/** Gathers one check's findings. */
export function createFinding(invariant: number) {
  const violations: Violation[] = [];
  let checked = 0;
  return {
    look(count = 1) {
      checked += count;
    },
    blame(subject: string, says: string, kind: Flaw['kind'] = 'wrong', evidence?: unknown) {
      violations.push({ invariant, kind, subject, says, ...(evidence !== undefined && { evidence }) });
    },
    done: (): Finding => ({ checked, violations }),
  };
}

export const sum = <Item>(items: readonly Item[], amountOf: (item: Item) => number): number =>
  items.reduce((total, item) => total + amountOf(item), 0);
