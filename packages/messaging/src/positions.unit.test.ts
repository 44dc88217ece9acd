import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { createPositions, isReadTo } from './positions.ts';

const at = { topic: 'orders.events', partition: 0 };
const batch = (nextOffset: number) => ({ ...at, nextOffset, endOffset: 1_000 });
const create = () => createPositions([at], () => undefined);
const dueOffsets = (positions: ReturnType<typeof create>) => positions.due().map(({ offset }) => offset);

describe('a position', () => {
  it('stays behind what is not done, also behind records that are never handed on', () => {
    const positions = create();
    const done = positions.handOn(batch(10), 1);
    positions.skip(batch(12));
    expect(dueOffsets(positions)).toEqual([]);
    done();
    expect(dueOffsets(positions)).toEqual([12]);
  });

  it('is reached once all records before it are done, whichever of them was last', () => {
    const positions = create();
    const first = positions.handOn(batch(2), 2);
    const second = positions.handOn(batch(3), 1);
    second();
    first();
    expect(dueOffsets(positions)).toEqual([]);
    expect(positions.fingerprint()).toBe('-1');
    first();
    expect(dueOffsets(positions)).toEqual([3]);
  });

  it('never passes a record in hand, whatever comes between, and in whichever order records are done', () => {
    const step = fc.oneof(
      fc.record({ name: fc.constant('hand on' as const), count: fc.integer({ min: 0, max: 4 }) }),
      fc.record({ name: fc.constant('done' as const), which: fc.nat() }),
      fc.record({ name: fc.constantFrom('skip' as const, 'commit' as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const positions = create();
        const inHand: { first: number; done: () => void }[] = [];
        let end = 0;
        let committed = 0;
        for (const made of steps) {
          if (made.name === 'hand on') {
            const done = positions.handOn(batch(end + 5), made.count);
            for (let index = 0; index < made.count; index += 1) inHand.push({ first: end, done });
            end += 5;
          } else if (made.name === 'skip') {
            end += 2;
            positions.skip(batch(end));
          } else if (made.name === 'done') {
            for (const { done } of inHand.splice(made.which % Math.max(inHand.length, 1), 1)) done();
          } else {
            for (const { offset } of positions.due()) committed = offset;
            positions.committed(positions.due());
          }
          const reached = inHand[0]?.first ?? end;
          expect(dueOffsets(positions)).toEqual(reached > committed ? [reached] : []);
        }
        for (const { done } of inHand) done();
        positions.committed(positions.due());
        expect(positions.due()).toEqual([]);
        expect(positions.fingerprint()).toBe(String(end || -1));
      }),
    );
  });

  it('of an earlier assignment is nobody business any more', () => {
    const earlier = create();
    const done = earlier.handOn(batch(10), 1);
    const later = create();
    done();
    expect(later.due()).toEqual([]);
  });

  it('of a partition that is not ours is not kept', () => {
    const positions = create();
    const elsewhere = { ...batch(10), partition: 5 };
    positions.skip(elsewhere);
    positions.handOn(elsewhere, 1)();
    expect(positions.has(elsewhere)).toBe(false);
    expect(positions.due()).toEqual([]);
  });

  it('tells the lag', () => {
    const onLag = vi.fn();
    const positions = createPositions([at], onLag);
    positions.handOn(batch(990), 1)();
    positions.skip(batch(1_000));
    expect(onLag.mock.calls).toEqual([
      ['orders.events', 0, 10],
      ['orders.events', 0, 0],
    ]);
  });

  it('tells the lag of what is not done, though something behind it is', () => {
    const onLag = vi.fn();
    const positions = createPositions([at], onLag);
    const first = positions.handOn({ ...batch(10), endOffset: 10 }, 1);
    const second = positions.handOn({ ...batch(30), endOffset: 30 }, 1);
    second();
    expect(onLag.mock.lastCall).toEqual(['orders.events', 0, 30]);
    first();
    expect(onLag.mock.lastCall).toEqual(['orders.events', 0, 0]);
  });

  it('begins where the group had committed', () => {
    const positions = create();
    positions.learn([{ ...at, offset: 10 }]);
    expect(positions.due()).toEqual([]);
    expect(positions.lagging([{ ...at, offset: 20 }])).toHaveLength(1);
    expect(positions.lagging([{ ...at, offset: 10 }])).toEqual([]);
  });
});

describe('the end of a topic', () => {
  it('is reached with the last record, not with the last but one', () => {
    expect(isReadTo('orders.events', 10, 10)).toBe(true);
    expect(isReadTo('orders.events', 9, 10)).toBe(false);
  });

  it('of an empty topic is reached before anything was read', () => {
    expect(isReadTo('orders.events', -1, 0)).toBe(true);
    expect(isReadTo('orders.events', -1, 1)).toBe(false);
  });

  it('of a compacted topic may be an offset that holds nothing any more', () => {
    expect(isReadTo('inventory.products', 9, 10)).toBe(true);
    expect(isReadTo('inventory.products', 8, 10)).toBe(false);
  });
});
