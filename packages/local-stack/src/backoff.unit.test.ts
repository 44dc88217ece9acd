import { describe, expect, it } from 'vitest';
import { backoff, backoffDefaults } from './backoff.ts';

describe('backoff', () => {
  it('doubles up to the cap', () => {
    const longest = [1, 2, 3, 10, 60].map((attempt) => backoff(attempt, () => 1));
    expect(longest).toEqual([100, 200, 400, backoffDefaults.cap, backoffDefaults.cap]);
  });

  it('leaves half of the pause to chance', () => {
    expect([backoff(3, () => 0), backoff(3, () => 0.5), backoff(3, () => 1)]).toEqual([200, 300, 400]);
  });
});
