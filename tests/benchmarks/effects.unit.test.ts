import { describe, expect, it } from 'vitest';
import { judgeStock, promisesBroken } from './effects.ts';

const sound = {
  accepted: 10,
  confirmed: 10,
  lost: 0,
  confirmedTwice: 0,
  redelivered: 2,
  unclaimed: 0,
  unanswered: 0,
  pieces: {},
};

describe('the check of effects after a benchmark', () => {
  it('lets redeliveries pass', () => {
    expect(promisesBroken(sound)).toEqual([]);
  });

  it.each([
    [{ lost: 1 }, '1 accepted orders were never confirmed'],
    [{ confirmedTwice: 2 }, '2 orders were confirmed twice'],
    [{ unclaimed: 2, unanswered: 1 }, '2 orders confirmed that nobody placed'],
  ])('names what is broken: %o', (difference, problem) => {
    expect(promisesBroken({ ...sound, ...difference })).toEqual([problem]);
  });

  it.each([
    [{ onHand: 999_990, reserved: 0, shipped: 10 }, undefined],
    [
      { onHand: 999_990, reserved: 1, shipped: 10 },
      "SKU-0001: 999990 on hand + 1 reserved + 10 shipped isn't 1000000",
    ],
    [{ onHand: 999_990, reserved: 1, shipped: 9 }, 'SKU-0001: 1 still reserved'],
    [{ onHand: 999_991, reserved: 0, shipped: 9 }, 'SKU-0001: 10 pieces confirmed, 9 shipped'],
  ])('holds stock against what was ordered: %o', (stock, problem) => {
    expect(judgeStock('SKU-0001', 10, stock, 0)).toBe(problem);
  });

  it('allows for orders of which no answer is known', () => {
    expect(judgeStock('SKU-0001', 10, { onHand: 999_985, reserved: 0, shipped: 15 }, 3)).toBeUndefined();
  });
});
