import { describe, expect, it } from 'vitest';
import { entry } from '../tests/given.ts';
import { createEventRing } from './event-ring.ts';

const offsets = (events: readonly { offset: number }[] | undefined) => events?.map(({ offset }) => offset);

describe('the ring of events', () => {
  it('tells what came behind a place, in order, and nothing at its end', () => {
    const ring = createEventRing();
    const start = ring.end;
    ring.push([entry(1), entry(2)]);
    const middle = ring.end;
    ring.push([entry(3)]);
    expect(offsets(ring.after(start))).toEqual([1, 2, 3]);
    expect(offsets(ring.after(middle))).toEqual([3]);
    expect(ring.after(ring.end)).toEqual([]);
  });

  it('says that it does not know a place that was dropped, one of before a gap, and one that was made up', () => {
    const ring = createEventRing({ events: 10, bytes: 1_000 });
    const start = ring.end;
    ring.push(Array.from({ length: 11 }, (_, index) => entry(index)));
    expect(ring.after(start)).toBeUndefined();
    const before = ring.end;
    ring.begin();
    expect(ring.after(before)).toBeUndefined();
    expect(ring.after('made-up')).toBeUndefined();
    expect(ring.after(`${ring.end}9`)).toBeUndefined();
  });

  it('holds no more than its bounds: events, and bytes of what they say', () => {
    const ring = createEventRing({ events: 10, bytes: 100 });
    for (let offset = 0; offset < 100; offset += 1) ring.push([entry(offset, { bytes: 1 })]);
    expect(ring.ofKey('an-order').length).toBeLessThanOrEqual(10);
    expect(ring.ofKey('an-order').at(-1)?.offset).toBe(99);
    ring.push([entry(100, { bytes: 90 }), entry(101, { bytes: 90 })]);
    expect(offsets(ring.ofKey('an-order'))).toEqual([101]);
    ring.push([entry(102, { bytes: 1_000 })]);
    expect(ring.ofKey('an-order')).toEqual([]);
  });

  it('finds an event by its key and by where it lies', () => {
    const ring = createEventRing();
    ring.push([entry(1), entry(2, { key: 'another' })]);
    expect(offsets(ring.ofKey('another'))).toEqual([2]);
    expect(ring.find('orders.events', 0, 1)?.event.offset).toBe(1);
    expect(ring.find('orders.events', 1, 1)).toBeUndefined();
  });
});
