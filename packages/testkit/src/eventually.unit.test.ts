import { describe, expect, it } from 'vitest';
import { eventually } from './eventually.ts';

describe('eventually', () => {
  it('answers what the check answers once it holds', async () => {
    let calls = 0;
    const answer = await eventually(
      () => {
        calls += 1;
        return calls < 3 ? undefined : 'here';
      },
      { everyMs: 1 },
    );
    expect(answer).toBe('here');
  });

  it('takes an exception for a no, and names the last one when the patience is over', async () => {
    const waiting = eventually(() => Promise.reject(new Error('nobody answers')), {
      timeoutMs: 20,
      everyMs: 1,
      what: 'the door opens',
    });
    await expect(waiting).rejects.toThrow('still not: the door opens: nobody answers');
  });
});
