/** One look at a run: how many orders are due but not confirmed. */
export interface BacklogSample {
  /** Seconds since the measuring began. */
  readonly at: number;
  /** Intended by now − confirmed by now: what waits in the load generator counts as well. */
  readonly backlog: number;
}

export interface Flatness {
  readonly flat: boolean;
  /** Why not, for people. */
  readonly reason?: string;
  /** Share of the load that isn't kept up with: slope of the backlog ÷ rate. Negative: catching up. */
  readonly growth: number;
  /** Mean backlog of the last third ÷ rate, in seconds: by Little's law the mean latency at the end. */
  readonly lagSeconds: number;
}

export interface FlatnessLimits {
  /** Largest share of the load that may be left behind. */
  readonly growth: number;
  /** A backlog of more than so many seconds' orders is a queue, even one that doesn't grow. */
  readonly lagSeconds: number;
}

/** Over a minute, 0.5 % leaves 0.3 s of orders behind: less can't be told from the ripple of batches and polling. */
export const verdictLimits: FlatnessLimits = { growth: 0.005, lagSeconds: 10 };
/** A probe is short, so the ripple weighs more. It may flatter; the verdict's minute decides. */
export const probeLimits: FlatnessLimits = { growth: 0.015, lagSeconds: 10 };

/**
 * Does the backlog stay flat, or do orders pile up? What rises by no more than the backlog ripples anyway says nothing: at
 * forty orders a second and an outbox that is polled twice a second, half a percent is drowned in it.
 */
export function judgeFlatness(
  samples: readonly BacklogSample[],
  rate: number,
  limits: FlatnessLimits,
): Flatness {
  const { slope, rise, ripple } = fitLine(samples);
  const growth = slope / rate;
  const lastThird = samples.slice(Math.floor((samples.length * 2) / 3));
  const lagSeconds = mean(lastThird.map((sample) => sample.backlog)) / rate;
  if (samples.length < 3) return { flat: false, reason: 'too few samples', growth, lagSeconds };
  if (growth > limits.growth && rise > 2 * ripple) {
    const left = `${(growth * 100).toFixed(1)} % of the orders pile up`;
    return { flat: false, reason: left, growth, lagSeconds };
  }
  if (lagSeconds > limits.lagSeconds) {
    return { flat: false, reason: `${lagSeconds.toFixed(1)} s of orders wait`, growth, lagSeconds };
  }
  return { flat: true, growth, lagSeconds };
}

/** Least squares. Slope: orders a second; rise: orders, from first to last; ripple: standard deviation around the line. */
function fitLine(samples: readonly BacklogSample[]): { slope: number; rise: number; ripple: number } {
  const meanAt = mean(samples.map((sample) => sample.at));
  const meanBacklog = mean(samples.map((sample) => sample.backlog));
  let covariance = 0;
  let variance = 0;
  for (const { at, backlog } of samples) {
    covariance += (at - meanAt) * (backlog - meanBacklog);
    variance += (at - meanAt) ** 2;
  }
  const slope = variance === 0 ? 0 : covariance / variance;
  const squares = samples.map(({ at, backlog }) => (backlog - meanBacklog - slope * (at - meanAt)) ** 2);
  const duration = (samples.at(-1)?.at ?? 0) - (samples[0]?.at ?? 0);
  return { slope, rise: slope * duration, ripple: Math.sqrt(mean(squares)) };
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
