import type { ConsumedRecord, EventInput } from '@skald/messaging';
import { describe, expect, it } from 'vitest';
import { confirmed, foldAll, orderId, tell } from '../tests/given.ts';
import { createLogFold } from './log-fold.ts';
import { reactor } from './reactor.ts';
import type { View } from './view.ts';
import { createWorld } from './world.ts';

const events = tell(confirmed);

/** Records stand for the events, each at the offset of its index, of one partition. */
function given(until?: number) {
  const kept = new Map<string, View>();
  const views = {
    load: async (ids: readonly string[]) => ids.flatMap((id) => kept.get(id) ?? []),
    save: async (saved: readonly View[]) => {
      for (const view of saved) kept.set(view.orderId, view);
    },
  };
  const fold = createLogFold(
    views,
    async (records) =>
      records.map(({ offset }) => {
        const input = events[offset];
        return input === undefined
          ? { result: 'failed', error: new Error('no bytes') as never }
          : { result: 'input', input };
      }),
    until === undefined ? undefined : [{ topic: 't', partition: 0, offset: until }],
  );
  const take = (...offsets: readonly number[]) =>
    fold.handle(offsets.map((offset) => ({ topic: 't', partition: 0, offset }) as ConsumedRecord));
  return { fold, take, view: () => kept.get(orderId) };
}

describe('the log, folded for a rebuild', () => {
  it('comes to what the service folds, also where records come again', async () => {
    const { take, view } = given();
    await take(0, 1, 2);
    await take(1, 2, 3, 4);
    await take(5, 6, 7, 8, 8);
    expect(view()).toEqual(foldAll(events));
  });

  it('ends where it is told to', async () => {
    const { fold, take, view } = given(3);
    await take(...events.keys());
    expect(view()).toEqual(foldAll(events.slice(0, 3)));
    expect(fold.count).toEqual({ records: 3, poison: 0 });
  });

  it('passes over what no service can take in, and counts it', async () => {
    const { fold, take, view } = given();
    await take(0, 99, 1);
    expect(view()?.version).toBe(2);
    expect(fold.count).toEqual({ records: 3, poison: 1 });
  });
});

it('an event that a rebuilt view holds already is counted once when its service reads it, and published', () => {
  const view = foldAll(events);
  const world = createWorld([view]);
  const decision = reactor.decide(world, events.at(-1) as EventInput, { now: 0, newId: () => '' });
  expect(decision).toEqual({ outcome: 'apply', change: view });
  reactor.evolve(world, view);
  expect(reactor.conclude?.(world)).toMatchObject([{ name: 'OrderReadModel', sequence: view.version }]);
});
