/** What the search asks of a run. */
export interface Tried {
  readonly flat: boolean;
}

export interface SearchOptions<Run extends Tried> {
  /** Orders/s to begin with. */
  readonly start: number;
  /** Orders/s beyond which nobody looks. */
  readonly limit: number;
  /** Stop when the lowest rate that failed is within this share above the highest that held. */
  readonly precision: number;
  /** A short run. */
  readonly probe: (rate: number) => Promise<Run>;
  /** The run that counts. */
  readonly verdict: (rate: number) => Promise<Run>;
}

export interface Found<Run extends Tried> {
  readonly rate: number;
  readonly run: Run;
}

/** Readable rates: steps of 5 orders/s, of 1 below 50. */
export function roundRate(rate: number): number {
  const step = rate < 50 ? 1 : 5;
  return Math.max(1, Math.round(rate / step) * step);
}

/**
 * The highest rate that holds: up by half until a probe fails, bisect, then step down from there until the long run
 * holds too, because short ones flatter. Undefined when not even 1 order/s holds.
 */
export async function findHighest<Run extends Tried>(
  options: SearchOptions<Run>,
): Promise<Found<Run> | undefined> {
  let rate = await bisect(options);
  while (rate >= 1) {
    const run = await options.verdict(rate);
    if (run.flat) return { rate, run };
    const next = roundRate(rate * (1 - options.precision));
    rate = next < rate ? next : rate - 1;
  }
  return undefined;
}

async function bisect<Run extends Tried>(options: SearchOptions<Run>): Promise<number> {
  const { limit, precision } = options;
  let held = 0;
  let failed = Number.POSITIVE_INFINITY;
  let rate = roundRate(Math.min(options.start, limit));
  while (rate > held && rate < failed) {
    if (await holds(options, rate)) held = rate;
    else failed = rate;
    if (failed <= held * (1 + precision)) break;
    if (failed === Number.POSITIVE_INFINITY) rate = roundRate(Math.min(limit, held * 1.5));
    else rate = roundRate(held === 0 ? failed / 2 : (held + failed) / 2);
  }
  return held;
}

/** A short run may fail for something that passes, such as code that isn't compiled yet: it is asked twice. */
const holds = async <Run extends Tried>({ probe }: SearchOptions<Run>, rate: number): Promise<boolean> =>
  (await probe(rate)).flat || (await probe(rate)).flat;
