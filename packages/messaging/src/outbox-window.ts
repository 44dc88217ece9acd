import type { OutboxLook, OutboxRow } from './outbox.ts';

/**
 * What the relay knows of the outbox: `id > last seen` alone would lose entries, as positions are drawn before the
 * commit and become visible out of order.
 *
 * A position that was passed over is a gap: its transaction is still open, or was rolled back. Gaps are looked for
 * by name at each look, until every transaction has ended that could fill them: a transaction draws its position after
 * it got its xid, so an xid drawn after the gap was seen is a horizon that all of them are below.
 *
 * Entries of one key are never on two sides of a gap: the later one waited for the earlier one's lock, so what comes
 * out of a gap late shares no key with what was relayed before it.
 */
export interface OutboxWindow {
  /** Highest position seen. */
  readonly high: number;
  readonly gaps: readonly number[];
  readonly hasGaps: boolean;
  /** There are new gaps: draw an xid, and set the horizon before the next look is taken in. */
  readonly needsHorizon: boolean;
  setHorizon(xid: bigint): void;
  /** Takes in a look and answers the entries that are new, in order of position. */
  take(look: OutboxLook): readonly OutboxRow[];
  /** Hands in an entry that this process has committed, to spare a look. False: not taken, a look will find it. */
  offer(row: OutboxRow): boolean;
  /** Of what was offered, the entries that follow without a gap upon what was seen. */
  takeOffered(): readonly OutboxRow[];
  /** There are offers that follow upon a gap: a look is needed. */
  readonly hasStranded: boolean;
  /** Kafka has acknowledged these. */
  acknowledge(rows: readonly OutboxRow[]): void;
  /** Everything up to here is acknowledged, or was rolled back. */
  low(): number;
  /** Entries seen, and not yet acknowledged. */
  readonly pending: number;
}

/** While Kafka is away, entries wait in their table. */
const MAX_OFFERED_BYTES = 32 * 1024 * 1024;

export function createOutboxWindow(low: number): OutboxWindow {
  let high = low;
  /** Gap → an xid above that of whoever could fill it; undefined until it is drawn. */
  const gaps = new Map<number, bigint | undefined>();
  let needsHorizon = false;
  /** Rising, but for those out of gaps. */
  const unacknowledged = new Set<number>();
  const offered = new Map<number, OutboxRow>();
  let offeredBytes = 0;

  return {
    get high() {
      return high;
    },
    get gaps() {
      return [...gaps.keys()];
    },
    get hasGaps() {
      return gaps.size > 0;
    },
    get pending() {
      return unacknowledged.size;
    },
    get needsHorizon() {
      return needsHorizon;
    },
    setHorizon(xid) {
      needsHorizon = false;
      for (const [gap, horizon] of gaps) if (horizon === undefined) gaps.set(gap, xid);
    },
    take({ rows, xmin }) {
      const fresh: OutboxRow[] = [];
      for (const row of rows) {
        if (row.position > high) {
          for (let gap = high + 1; gap < row.position; gap += 1) gaps.set(gap, undefined);
          needsHorizon ||= row.position > high + 1;
          high = row.position;
        } else if (!gaps.delete(row.position)) {
          continue;
        }
        unacknowledged.add(row.position);
        fresh.push(row);
      }
      for (const [gap, horizon] of gaps) if (horizon !== undefined && xmin > horizon) gaps.delete(gap);
      return fresh;
    },
    offer(row) {
      if (row.position <= high || offeredBytes > MAX_OFFERED_BYTES) return false;
      offered.set(row.position, row);
      offeredBytes += row.entry.length;
      return true;
    },
    get hasStranded() {
      return offered.size > 0;
    },
    takeOffered() {
      const fresh: OutboxRow[] = [];
      for (let row = offered.get(high + 1); row !== undefined; row = offered.get(high + 1)) {
        high = row.position;
        unacknowledged.add(row.position);
        fresh.push(row);
      }
      // What is left was seen by a look meanwhile, or waits behind a position that only a look can find.
      for (const [position, { entry }] of offered) {
        if (position > high) break;
        offered.delete(position);
        offeredBytes -= entry.length;
      }
      return fresh;
    },
    acknowledge(rows) {
      for (const row of rows) unacknowledged.delete(row.position);
    },
    low() {
      let lowest = high + 1;
      for (const gap of gaps.keys()) lowest = Math.min(lowest, gap);
      for (const position of unacknowledged) lowest = Math.min(lowest, position);
      return lowest - 1;
    },
  };
}
