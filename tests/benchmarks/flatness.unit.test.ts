import { describe, expect, it } from 'vitest';
import { type BacklogSample, judgeFlatness, probeLimits, verdictLimits } from './flatness.ts';

/** A minute in quarters of a second. */
const minute = (backlog: (at: number) => number): BacklogSample[] =>
  Array.from({ length: 240 }, (_, index) => ({ at: index / 4, backlog: backlog(index / 4) }));

describe('flatness of lag', () => {
  it('is flat when the backlog ripples around a level', () => {
    const verdict = judgeFlatness(
      minute((at) => 120 + 60 * Math.sin(at * 7)),
      1_500,
      verdictLimits,
    );
    expect(verdict.flat).toBe(true);
    expect(verdict.lagSeconds).toBeCloseTo(0.08, 2);
  });

  it("isn't flat when one order in a hundred is left behind", () => {
    const verdict = judgeFlatness(
      minute((at) => 120 + 15 * at),
      1_500,
      verdictLimits,
    );
    expect(verdict).toMatchObject({ flat: false, reason: '1.0 % of the orders pile up' });
  });

  it('is flat when it rises by less than it ripples', () => {
    const verdict = judgeFlatness(
      minute((at) => 100 + 0.4 * at + 25 * Math.sin(at * 5)),
      37,
      verdictLimits,
    );
    expect(verdict.growth).toBeGreaterThan(verdictLimits.growth);
    expect(verdict.flat).toBe(true);
  });

  it('is flat while it catches up', () => {
    expect(
      judgeFlatness(
        minute((at) => 900 - 10 * at),
        1_500,
        verdictLimits,
      ).flat,
    ).toBe(true);
  });

  it("isn't flat with a queue of many seconds, even one that stays", () => {
    const verdict = judgeFlatness(
      minute(() => 2_000),
      100,
      verdictLimits,
    );
    expect(verdict).toMatchObject({ flat: false, reason: '20.0 s of orders wait' });
  });

  it('grants a probe more ripple than the verdict', () => {
    const growing = minute((at) => 100 + at);
    expect(judgeFlatness(growing, 100, probeLimits).flat).toBe(true);
    expect(judgeFlatness(growing, 100, verdictLimits).flat).toBe(false);
  });

  it('has no verdict without samples', () => {
    expect(judgeFlatness([], 100, verdictLimits)).toMatchObject({ flat: false, reason: 'too few samples' });
  });
});
