import { describe, expect, it } from 'vitest';
import type { ContenderReport } from './compete.ts';
import { ratioOf, renderReport, renderTable } from './report.ts';

const percentiles = { count: 1, p50: 12.34, p90: 20, p99: 250.6, max: 300 };

const contender = (name: string, rate: number): ContenderReport => ({
  name,
  highest: {
    contender: name,
    rate,
    seconds: 60,
    offered: rate * 60,
    confirmedInWindow: rate * 60,
    refused: {},
    unconfirmed: 0,
    sendDelay: percentiles,
    accepted: percentiles,
    confirmed: percentiles,
    appended: percentiles,
    drainedMs: 10,
    flatness: { flat: true, growth: 0, lagSeconds: 0.1 },
    flat: true,
    perOrder: {
      cpuMs: { order: 0.25, kafka: 0.5 },
      cpuMsTotal: 0.75,
      generatorCpuMs: 0.1,
      commits: 0.4,
      walBytes: 5_432,
    },
    machineBusy: 0.9,
    othersBusy: 0.01,
    stolen: 0,
    loadAverage: 3.2,
  },
  tried: [],
  audit: {
    accepted: 9,
    confirmed: 9,
    lost: 0,
    confirmedTwice: 0,
    redelivered: 0,
    unclaimed: 0,
    unanswered: 0,
  },
  problems: [],
});

const machine = {
  cores: 2,
  model: 'CPU',
  memoryGiB: 23,
  loadBefore: 0.1,
  node: 'v20',
  java: '17',
  kafka: '4.1.0',
  postgres: '18.0',
};

describe("the benchmark's report", () => {
  it('lays tables out in columns', () => {
    expect(renderTable(['a', 'bcd'], [['long', 'x']])).toBe('a     bcd\n----  ---\nlong  x');
  });

  it('compares the highest rates of both', () => {
    expect(ratioOf([contender('skald', 1_600), contender('tutorial', 200)])).toBe(8);
    expect(ratioOf([contender('skald', 1_600)])).toBeUndefined();
  });

  it('shows rates, latencies, costs and effects', () => {
    const text = renderReport({ at: '', machine, contenders: [contender('skald', 1_600)], ratio: 8 });
    expect(text).toContain('12.3 / 251');
    expect(text).toContain('8.0 times the orders');
    expect(text).toContain('9 orders accepted, each confirmed once; the stock adds up');
    expect(text).toMatch(/skald +highest, 60 s +0\.250 +0\.500/);
  });

  it("doesn't hide wrong effects", () => {
    const wrong = { ...contender('skald', 1), problems: ['3 orders were confirmed twice'] };
    expect(renderReport({ at: '', machine, contenders: [wrong] })).toContain('skald: WRONG\n  3 orders');
  });
});
