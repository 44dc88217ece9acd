import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMs, pause } from './backoff.ts';
import { unlessAborted, within } from './patience.ts';

describe('the backoff', () => {
  it('doubles up to its ceiling, in the upper half of it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), (attempt) => {
        const ceiling = Math.min(5_000, 100 * 2 ** Math.min(attempt - 1, 30));
        const wait = backoffMs(attempt);
        expect(wait).toBeGreaterThanOrEqual(ceiling / 2);
        expect(wait).toBeLessThanOrEqual(ceiling);
      }),
    );
  });

  it('scatters those that failed together', () => {
    expect(new Set(Array.from({ length: 20 }, () => backoffMs(5))).size).toBeGreaterThan(10);
  });
});

describe('a pause', () => {
  it('ends when it is aborted, without an error', async () => {
    const stopping = new AbortController();
    const paused = pause(60_000, stopping.signal);
    stopping.abort();
    await paused;
    await pause(60_000, stopping.signal);
  });
});

describe('patience', () => {
  const never = new Promise<never>(() => undefined);

  it('ends after its time, and swallows what fails', async () => {
    await within(5, never);
    await within(60_000, Promise.reject(new Error('no')));
  });

  it('is over when the signal aborts, before or during the work', async () => {
    const stopping = new AbortController();
    const work = unlessAborted(never, stopping.signal);
    stopping.abort();
    await expect(work).rejects.toMatchObject({ code: 'ABANDONED', retryable: true });
    await expect(unlessAborted(never, stopping.signal)).rejects.toMatchObject({ code: 'ABANDONED' });
  });

  it('answers what the work answers, and leaves no listener behind', async () => {
    const { signal } = new AbortController();
    await expect(unlessAborted(Promise.resolve(1), signal)).resolves.toBe(1);
    await expect(unlessAborted(Promise.reject(new Error('no')), signal)).rejects.toThrow('no');
  });
});
