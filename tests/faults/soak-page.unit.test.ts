import { expect, it } from 'vitest';
import type { RunReport } from './report.ts';
import { renderSoakPage } from './soak-page.ts';

const report = (seed: number, change: Partial<RunReport> = {}): RunReport => ({
  seed,
  orders: 10_000,
  seconds: 300,
  brokers: 1,
  startedAt: '2026-01-31T10:00:00.000Z',
  machine: '2 cores',
  plan: [],
  kinds: { 'kill -9 of Postgres': { family: 'process', fired: 2, seen: { 'connections lost': 40 } } },
  processAndNetworkFaults: 35 + seed,
  accepted: 10_000,
  abandoned: 3,
  answers: '202 ×10000',
  endedMs: 1_000 * seed,
  restMs: 9_000,
  violations: [],
  ...change,
});

it('the page of a soak adds up what was done and seen, and names the worst of it', () => {
  const page = renderSoakPage(
    [report(2, { violations: ['8. a mail came twice'] }), report(1)],
    'npm run soak',
  );
  expect(page).toContain('| seeds | 1, 2 |');
  expect(page).toContain('| orders accepted | 20,000 |');
  expect(page).toContain('| faults of processes and network | 73, 36 at least in each run |');
  expect(page).toContain('| kill -9 of Postgres | 4 | 80 connections lost |');
  expect(page).toContain('every order was at its end | 2.0 s |');
  expect(page).toContain('- seed 2: 8. a mail came twice');
  expect(page).toContain('power');
});
