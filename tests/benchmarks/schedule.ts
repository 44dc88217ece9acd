/**
 * The intended send times of an open loop: the load comes at its rate whether or not the system keeps up, so latency
 * counted from these times can't hide a stall (no coordinated omission).
 */
export interface Schedule {
  /** Requests of the whole run. */
  readonly total: number;
  /** When the request with this index (from 0) should leave, epoch ms with fractions. */
  intendedAt(index: number): number;
  /** How many requests should have left by `now`, epoch ms. */
  dueBy(now: number): number;
}

/** `rate` requests a second, evenly spaced, from `start` (epoch ms) for `seconds`. */
export function createSchedule(rate: number, seconds: number, start: number): Schedule {
  const total = Math.round(rate * seconds);
  const interval = 1_000 / rate;
  return {
    total,
    intendedAt: (index) => start + index * interval,
    dueBy: (now) => {
      if (now < start) return 0;
      let due = Math.min(total, Math.floor((now - start) / interval) + 1);
      // The division may round to the wrong side of a request that is due just now.
      while (due > 0 && start + (due - 1) * interval > now) due -= 1;
      while (due < total && start + due * interval <= now) due += 1;
      return due;
    },
  };
}
