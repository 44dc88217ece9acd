import { describe, expect, it } from 'vitest';
import { renderReport } from './report.ts';
import { runFaults } from './run.ts';
import { seed } from './use-system.ts';

const ORDERS = 500;
const SECONDS = 75;

describe('500 orders, and every kind of fault', () => {
  it('lose nothing and do nothing twice, and each fault leaves its trace', async () => {
    const report = await runFaults({ seed, orders: ORDERS, seconds: SECONDS, brokers: 1, faults: 0 });
    process.stderr.write(`${renderReport(report)}\nSKALD_SEED=${seed} repeats this\n`);
    expect(report.violations).toEqual([]);
    expect(report.accepted).toBeGreaterThan(ORDERS * 0.9);
    const fired = Object.values(report.kinds).filter((kind) => kind.fired > 0);
    expect(fired.length).toBeGreaterThan(20);
  }, 600_000);
});
