import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSchedule } from './schedule.ts';

describe('the open-loop schedule', () => {
  it('sends nothing before its start, everything by its end', () => {
    const schedule = createSchedule(1_500, 60, 5_000);
    expect(schedule.total).toBe(90_000);
    expect(schedule.dueBy(4_999)).toBe(0);
    expect(schedule.dueBy(5_000)).toBe(1);
    expect(schedule.dueBy(1e9)).toBe(90_000);
  });

  it('agrees with itself: a request is due exactly from its intended time on', () => {
    const rates = fc.integer({ min: 1, max: 5_000 });
    fc.assert(
      fc.property(rates, fc.double({ min: 0, max: 2e12, noNaN: true }), fc.nat(), (rate, start, nth) => {
        const schedule = createSchedule(rate, 60, start);
        const index = nth % schedule.total;
        const intended = schedule.intendedAt(index);
        expect(schedule.dueBy(intended)).toBeGreaterThan(index);
        expect(schedule.dueBy(intended - 0.2)).toBeLessThanOrEqual(index + 1);
      }),
    );
  });

  it('catches up after a stall with every request at its own intended time', () => {
    const schedule = createSchedule(100, 10, 0);
    expect(schedule.dueBy(1_005) - schedule.dueBy(5)).toBe(100);
    expect(schedule.intendedAt(50)).toBe(500);
  });
});
