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
    const done = positions.handOn(batch(10));
    positions.skip(batch(12));
    expect(dueOffsets(positions)).toEqual([]);
    done();
    expect(dueOffsets(positions)).toEqual([12]);
  });

  it('never passes a batch in hand, whatever comes between', () => {
    const steps = fc.array(fc.constantFrom('hand on', 'skip', 'done', 'commit'), { maxLength: 60 });
    fc.assert(
      fc.property(steps, (names) => {
        const positions = create();
        const inHand: { first: number; done: () => void }[] = [];
        let end = 0;
        let committed = 0;
        for (const name of names) {
          if (name === 'hand on') {
            inHand.push({ first: end, done: positions.handOn(batch(end + 5)) });
            end += 5;
          } else if (name === 'skip') {
            end += 2;
            positions.skip(batch(end));
          } else if (name === 'done') inHand.shift()?.done();
          else positions.committed(positions.due());
          for (const { offset } of positions.due()) {
            expect(offset).toBeGreaterThan(committed);
            expect(offset).toBeLessThanOrEqual(inHand[0]?.first ?? end);
            committed = name === 'commit' ? offset : committed;
          }
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
    const done = earlier.handOn(batch(10));
    const later = create();
    done();
    expect(later.due()).toEqual([]);
  });

  it('of a partition that is not ours is not kept', () => {
    const positions = create();
    const elsewhere = { ...batch(10), partition: 5 };
    positions.skip(elsewhere);
    positions.handOn(elsewhere)();
    expect(positions.has(elsewhere)).toBe(false);
    expect(positions.due()).toEqual([]);
  });

  it('tells the lag', () => {
    const onLag = vi.fn();
    const positions = createPositions([at], onLag);
    positions.handOn(batch(990))();
    positions.skip(batch(1_000));
    expect(onLag.mock.calls).toEqual([
      ['orders.events', 0, 10],
      ['orders.events', 0, 0],
    ]);
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
