import { describe, expect, it } from 'vitest';
import type { ContenderReport } from './compete.ts';
import { compareRates, renderReport, renderTable } from './report.ts';

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

  it("sets Skald's highest rate against those of the others", () => {
    const [skald, tutorial, sketch] = [
      contender('skald', 1_600),
      contender('tutorial', 200),
      contender('sketch', 2_000),
    ];
    expect(compareRates([skald, tutorial])).toEqual({ ratio: 8 });
    expect(compareRates([sketch, skald])).toEqual({ shareOfSketch: 0.8 });
    expect(compareRates([tutorial, skald, sketch])).toEqual({ ratio: 8, shareOfSketch: 0.8 });
    expect(compareRates([skald])).toEqual({});
    expect(compareRates([tutorial, sketch])).toEqual({});
  });

  it('shows rates, latencies, costs and effects', () => {
    const text = renderReport({ at: '', machine, contenders: [contender('skald', 1_600)], ratio: 8 });
    expect(text).toContain('12.3 / 251');
    expect(text).toContain('8.0 times the orders');
    expect(text).not.toContain('sketch');
    expect(text).toContain('9 orders accepted, each confirmed once; the stock adds up');
    expect(text).toMatch(/skald +highest, 60 s +0\.250 +0\.500/);
  });

  it('shows what share of the bare shape is left', () => {
    const report = { at: '', machine, contenders: [contender('sketch', 2_000)], shareOfSketch: 0.8 };
    expect(renderReport(report)).toContain('Skald / sketch: 80 % of the orders');
  });

  it("doesn't hide wrong effects", () => {
    const wrong = { ...contender('skald', 1), problems: ['3 orders were confirmed twice'] };
    expect(renderReport({ at: '', machine, contenders: [wrong] })).toContain('skald: WRONG\n  3 orders');
  });
});
