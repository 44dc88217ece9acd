import { describe, expect, it, vi } from 'vitest';
import { createFeed, parsePositions, positionsText } from './feed.ts';
import type { Change } from './order-store.ts';

const FOREVER = 60_000;
const nothing = { changes: async () => [] };
const isDone = async (work: Promise<void>) => {
  let done = false;
  void work.then(() => {
    done = true;
  });
  await new Promise(setImmediate);
  return done;
};

describe('who waits for a change', () => {
  it('is told of any, or of the one that he waits for', async () => {
    const feed = createFeed(nothing, FOREVER);
    const [any, one, other] = [
      feed.listen(FOREVER),
      feed.listen(FOREVER, 'one'),
      feed.listen(FOREVER, 'other'),
    ];
    feed.ring(['one']);
    expect(await isDone(any.changed)).toBe(true);
    expect(await isDone(one.changed)).toBe(true);
    expect(await isDone(other.changed)).toBe(false);
    other.close();
    expect(await isDone(other.changed)).toBe(true);
  });

  it('hears of a change that came between listening and looking', async () => {
    const feed = createFeed(nothing, FOREVER);
    const listener = feed.listen(FOREVER);
    feed.ring(['one']);
    await feed.look(new Map());
    expect(await isDone(listener.changed)).toBe(true);
  });

  it('is not told when nothing has changed', async () => {
    const feed = createFeed(nothing, FOREVER);
    const listener = feed.listen(FOREVER);
    feed.ring([]);
    expect(await isDone(listener.changed)).toBe(false);
    listener.close();
  });

  it('looks for himself now and then, as other instances ring no bell here', async () => {
    vi.useFakeTimers();
    try {
      const listener = createFeed(nothing, 1_000).listen(FOREVER);
      let told = false;
      void listener.changed.then(() => {
        told = true;
      });
      await vi.advanceTimersByTimeAsync(999);
      expect(told).toBe(false);
      await vi.advanceTimersByTimeAsync(1);
      expect(told).toBe(true);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('is told at once when the service stops', async () => {
    const feed = createFeed(nothing, FOREVER);
    const waiting = feed.listen(FOREVER);
    feed.stop();
    expect(await isDone(waiting.changed)).toBe(true);
    await feed.listen(FOREVER).changed;
  });
});

describe('a look', () => {
  it('is shared by those who stand at the same place, until something changes', async () => {
    let looks = 0;
    let answer: (changes: readonly Change[]) => void = () => {};
    const feed = createFeed({
      changes: () => {
        looks += 1;
        return new Promise((resolve) => {
          answer = resolve;
        });
      },
    });
    const place = new Map([[0, 7]]);
    const shared = [feed.look(place), feed.look(new Map([[0, 7]]))];
    expect(looks).toBe(1);
    void feed.look(new Map([[0, 8]]));
    expect(looks).toBe(2);
    feed.ring(['one']);
    const later = feed.look(place);
    expect(looks).toBe(3);
    answer([]);
    expect(await later).toEqual([]);
    void shared;
  });

  it('that has failed is made again', async () => {
    let looks = 0;
    const feed = createFeed({
      changes: async () => {
        looks += 1;
        throw new Error('away');
      },
    });
    for (let attempt = 0; attempt < 2; attempt += 1)
      await expect(feed.look(new Map())).rejects.toThrow('away');
    expect(looks).toBe(2);
  });
});

describe('positions as a text', () => {
  it('come back as they were', () => {
    const positions = new Map([
      [0, 12],
      [1, 0],
      [2, 7],
    ]);
    expect(positionsText(positions)).toBe('12.0.7');
    expect(parsePositions('12.0.7')).toEqual(positions);
    expect(positionsText(new Map([[2, 7]]))).toBe('0.0.7');
    expect(parsePositions('')).toEqual(new Map());
  });

  it.each(['1.', '.1', '-1', '1.x', '1'.repeat(16), ' 1'])('are none: %j', (text) => {
    expect(parsePositions(text)).toBeUndefined();
  });
});
