import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { CommandItem, Item, OutcomeItem } from './item.ts';
import { createReactionQueue, type ReactionQueue } from './reaction-queue.ts';

const lingerMs = 100;
let now: number;
let queue: ReactionQueue;
const create = (maxKeys: number) => createReactionQueue({ maxKeys, lingerMs, clock: () => now });

beforeEach(() => {
  now = 1_000;
  queue = create(100);
});

/** An item's key is the first letter of its name. */
const inputOf = (name: string) => ({
  key: name.charAt(0),
  id: name,
  name: 'note',
  data: undefined,
  time: 0,
  correlationId: 'c',
});
const nothing = () => undefined;
const outcome = (name: string, lingers: boolean): OutcomeItem => {
  const input = { ...inputOf(name), kind: 'outcome' as const };
  const effect = { kind: 'charge', id: name };
  return { kind: 'outcome', key: input.key, lingers, input, effect, done: nothing };
};
const urgent = (name: string) => outcome(name, false);
const lingering = (name: string) => outcome(name, true);
const command = (name: string): CommandItem => {
  const input = { ...inputOf(name), kind: 'command' as const };
  return { kind: 'command', key: input.key, input, done: nothing, failed: nothing };
};
const nameOf = (item: Item) => (item.kind === 'message' ? '' : item.input.id);
const add = (...items: readonly Item[]) => {
  for (const item of items) queue.add(item);
};
const take = () => queue.take().map(nameOf);

describe('the queue', () => {
  it('gives what is urgent at once, in the order of arrival', () => {
    add(urgent('b1'), urgent('a1'), command('b2'));
    expect(queue.lingersFor).toBe(0);
    expect(take()).toEqual(['b1', 'a1', 'b2']);
    expect(queue.size).toBe(0);
  });

  it('lets gather what lingers until the oldest of it has waited long enough, and gives it together', () => {
    add(lingering('a1'));
    now += lingerMs - 1;
    add(lingering('b1'), lingering('a2'));
    expect(queue.lingersFor).toBe(1);
    expect(take()).toEqual([]);
    now += 1;
    expect(queue.lingersFor).toBe(0);
    expect(take()).toEqual(['a1', 'b1', 'a2']);
  });

  it('gives what lingers once it is of so many keys that more bring nothing', () => {
    queue = create(2);
    add(lingering('a1'), lingering('a2'));
    expect(queue.lingersFor).toBe(lingerMs);
    add(lingering('b1'));
    expect(queue.lingersFor).toBe(0);
    expect(take()).toEqual(['a1', 'a2', 'b1']);
  });

  it('gives with what is urgent all that lingers of its key, and nothing else', () => {
    add(lingering('a1'), lingering('b1'), urgent('a2'), lingering('a3'), lingering('b2'));
    expect(take()).toEqual(['a1', 'a2', 'a3']);
    expect(queue.size).toBe(2);
    expect(queue.lingersFor).toBe(lingerMs);
  });

  it('gives what has lingered long enough though what is urgent keeps coming', () => {
    add(lingering('a1'));
    now += lingerMs - 1;
    add(urgent('b1'), lingering('d1'));
    expect(take()).toEqual(['b1']);
    now += 1;
    add(urgent('c1'));
    // More may come of `d`.
    expect(take()).toEqual(['a1', 'c1']);
    expect(queue.lingersFor).toBe(lingerMs - 1);
  });

  it('keeps keys that are too many, with all that waits of them', () => {
    queue = create(1);
    add(urgent('a1'), lingering('b1'), urgent('b2'), urgent('a2'), lingering('b3'));
    now += lingerMs;
    expect(take()).toEqual(['a1', 'a2']);
    expect(take()).toEqual(['b1', 'b2', 'b3']);
  });

  it('gives the oldest of what has lingered, where it is of too many keys', () => {
    queue = create(1);
    add(lingering('a1'), lingering('b1'), urgent('c1'), lingering('a2'));
    expect(take()).toEqual(['a1', 'c1', 'a2']);
    expect(take()).toEqual(['b1']);
  });

  it('lets nothing linger any more when it is to hurry', () => {
    add(lingering('a1'));
    queue.hurry();
    add(lingering('b1'));
    expect(queue.lingersFor).toBe(0);
    expect(take()).toEqual(['a1', 'b1']);
  });

  it('gives all that waits, whatever it is', () => {
    queue = create(1);
    add(lingering('a1'), command('b1'), urgent('c1'));
    expect([queue.size, queue.commands]).toEqual([3, 1]);
    expect(queue.takeAll().map(nameOf)).toEqual(['a1', 'b1', 'c1']);
    expect([queue.size, queue.commands]).toEqual([0, 0]);
  });

  it('gives whole keys in the order of arrival, and loses nothing, whatever comes when', () => {
    const step = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd', 'e'), lingers: fc.boolean() }),
      },
      { weight: 3, arbitrary: fc.constantFrom('take' as const, 'wait' as const) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.integer({ min: 1, max: 5 }), (steps, maxKeys) => {
        queue = create(maxKeys);
        let waiting: Waiting[] = [];
        for (const [index, made] of steps.entries()) {
          if (made === 'wait') now += lingerMs / 2;
          else if (made === 'take') {
            const keys = keysToTake(waiting, maxKeys);
            expect(queue.take()).toEqual(itemsOf(waiting.filter(({ item }) => keys.has(item.key))));
            waiting = waiting.filter(({ item }) => !keys.has(item.key));
          } else {
            const item = outcome(`${made.key}${index}`, made.lingers);
            waiting.push({ item, since: now });
            queue.add(item);
          }
          expect(queue.size).toBe(waiting.length);
        }
        expect(queue.takeAll()).toEqual(itemsOf(waiting));
      }),
    );
  });
});

interface Waiting {
  readonly item: OutcomeItem;
  readonly since: number;
}

const itemsOf = (waiting: readonly Waiting[]) => waiting.map(({ item }) => item);
const keysOf = (waiting: readonly Waiting[]) => [...new Set(itemsOf(waiting).map(({ key }) => key))];

/** The first with something urgent, and of those that linger the first that are due. */
function keysToTake(waiting: readonly Waiting[], maxKeys: number): Set<string> {
  const urgentKeys = keysOf(waiting.filter(({ item }) => !item.lingers));
  const others = waiting.filter(({ item }) => !urgentKeys.includes(item.key));
  const keys = keysOf(others);
  const isDue = (key: string) =>
    others.some(({ item, since }) => item.key === key && now - since >= lingerMs);
  const areAlone = urgentKeys.length === 0 && keys.some(isDue);
  const due = areAlone || keys.length >= maxKeys ? keys : keys.filter(isDue);
  return new Set([...urgentKeys.slice(0, maxKeys), ...due.slice(0, maxKeys)]);
}
