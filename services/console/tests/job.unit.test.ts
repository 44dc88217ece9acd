import { expect, it } from 'vitest';
import type { JobLine } from '../page/dead-letters-client.ts';
import { advance, type Job } from '../page/job.ts';

const result = (offset: number, outcome: string, failed: boolean): JobLine => ({
  type: 'result',
  deadLetter: { group: 'payment', topic: 'orders.events', partition: 0, offset },
  outcome,
  failed,
  verdicts: [],
});
const told = (lines: readonly JobLine[]): Job | undefined =>
  lines.reduce<Job | undefined>(advance, undefined);

it('a job tells how far it is, what came of it, what failed first, and what it waits for', () => {
  const lines: JobLine[] = [
    { type: 'start', action: 'redrive', dryRun: false, total: 40 },
    result(1, 'applied', false),
    ...Array.from({ length: 20 }, (_, index) => result(index + 2, 'fails', true)),
    { type: 'waiting', for: 'payment', because: 'it is away' },
  ];
  const job = told(lines);
  expect(job).toMatchObject({
    total: 40,
    done: 21,
    failed: 20,
    outcomes: { applied: 1, fails: 20 },
    waitsFor: 'payment: it is away',
    hasEnded: false,
  });
  expect(job?.failures.map(({ deadLetter }) => deadLetter.offset)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  const end: JobLine = { type: 'end', total: 40, done: 21, failed: 20, outcomes: {}, stopped: 'hung up' };
  expect(told([...lines, end])).toMatchObject({ hasEnded: true, stopped: 'hung up', waitsFor: undefined });
});
