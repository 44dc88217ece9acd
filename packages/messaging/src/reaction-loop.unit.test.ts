import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFakeConnection } from '../tests/fake-connection.ts';
import { logger, orderCreated, record } from '../tests/given.ts';
import type { Connection, Database } from './database.ts';
import { FatalError, OverloadError, TransientError } from './errors.ts';
import type { CommandItem, Item, MessageItem, OutcomeItem } from './item.ts';
import { MassFailure } from './mass-failure.ts';
import type { Reaction, ReactionReport } from './reaction.ts';
import { createReactionLoop, LINGER_MS, REST_MS, type ReactionLoopOptions } from './reaction-loop.ts';

const away = () => new TransientError('08006', 'Postgres: gone');
const report = (): ReactionReport => ({ outcomes: [], replies: new Map(), effects: [], entry: undefined });

/** What became of items, in order, and batches as they were run. */
let done: string[];
let batches: string[][];
let parked: string[];
let fatal: Error[];
let halted: MassFailure[];
let run: (items: readonly Item[]) => void | Promise<void>;
let connections: Connection[];

const names = new Map<Item, string>();
const named = <I extends Item>(name: string, item: I): I => {
  names.set(item, name);
  return item;
};
const message = (name: string): MessageItem =>
  named(name, {
    kind: 'message',
    key: name,
    lingers: false,
    record: record('OrderCreated', orderCreated(), 1),
    sequence: 1,
    reading: { result: 'unread', name: 'OrderCreated', reason: 'a test' },
    done: () => done.push(name),
  });
const input = { name: 'note', key: 'k', data: undefined, id: 'i', correlationId: 'c' };
const lingering = (name: string): MessageItem => named(name, { ...message(name), lingers: true });
const command = (name: string): CommandItem =>
  named(name, {
    kind: 'command',
    key: name,
    input: { ...input, kind: 'command', time: Date.now() },
    done: () => done.push(name),
    failed: (error) => done.push(`${name}: ${(error as Error).message}`),
  });
const outcome = (name: string): OutcomeItem =>
  named(name, {
    kind: 'outcome',
    key: name,
    lingers: false,
    input: { ...input, kind: 'outcome', time: Date.now() },
    effect: { kind: 'charge', id: name },
    done: () => done.push(name),
  });

const create = (options: Partial<ReactionLoopOptions> = {}) => {
  const reaction: Reaction = {
    run: async (_connection, items) => {
      batches.push(items.map((item) => names.get(item) ?? ''));
      await run(items);
      return report();
    },
    park: async (_connection, item) => {
      parked.push(names.get(item) ?? '');
      return report();
    },
  };
  const database = {
    connect: async () => {
      const connection = createFakeConnection();
      connections.push(connection);
      return connection;
    },
  } as unknown as Database;
  const onFatal = (error: Error) => fatal.push(error);
  const onMassFailure = (error: MassFailure) => halted.push(error);
  return createReactionLoop({
    database,
    reaction,
    logger,
    onCommitted: () => undefined,
    onFatal,
    onMassFailure,
    ...options,
  });
};
/** What can go on without time passing has gone on. */
const settled = async () => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};
const has = (items: readonly Item[], name: string) => items.some((item) => names.get(item) === name);

beforeEach(() => {
  done = [];
  batches = [];
  parked = [];
  fatal = [];
  halted = [];
  connections = [];
  run = () => undefined;
});

describe('the loop', () => {
  it('gathers what comes in the same turn, and what comes while a batch is under way', async () => {
    const loop = create();
    loop.add([message('1')]);
    loop.add([message('2')]);
    run = () => {
      if (batches.length === 1) loop.add([message('3'), message('4')]);
    };
    await vi.waitFor(() => expect(done).toEqual(['1', '2', '3', '4']));
    expect(batches).toEqual([
      ['1', '2'],
      ['3', '4'],
    ]);
    await loop.stop();
    expect(connections.map(({ usable }) => usable)).toEqual([false]);
  });

  it('rests behind a transaction, so that what comes meanwhile shares the next', async () => {
    const loop = create();
    loop.add([message('1')]);
    const { turn } = loop;
    await vi.waitFor(() => expect(done).toEqual(['1']), { interval: 1 });
    const begin = performance.now();
    loop.add([message('2')]);
    await new Promise((resolve) => setImmediate(resolve));
    loop.submit(command('3'));
    await turn;
    expect(batches).toEqual([['1']]);
    await vi.waitFor(() => expect(batches).toEqual([['1'], ['2', '3']]), { interval: 1 });
    expect(performance.now() - begin).toBeGreaterThan(REST_MS / 2);
    await loop.stop();
  });

  it('has no rest behind many, and lets more be fetched beside them', async () => {
    const loop = create();
    let release: () => void = () => undefined;
    run = () =>
      new Promise((resolve) => {
        release = resolve;
      });
    loop.add(Array.from({ length: 64 }, (_, index) => message(String(index))));
    const { turn } = loop;
    await vi.waitFor(() => expect(batches).toHaveLength(1), { interval: 1 });
    await turn;
    expect(done).toEqual([]);
    loop.add([message('next')]);
    release();
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    expect(batches.at(-1)).toEqual(['next']);
    release();
    await loop.stop();
  });

  it('has no rest before the outcome of what it has just decided', async () => {
    const loop = create();
    loop.add([message('1')]);
    await vi.waitFor(() => expect(done).toEqual(['1']), { interval: 1 });
    loop.add([outcome('2')]);
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    expect(batches).toEqual([['1'], ['2']]);
    await loop.stop();
  });

  it('tells of no turn while all that waits lingers', async () => {
    const loop = create();
    expect(loop.turn).toBeUndefined();
    loop.add([lingering('a')]);
    expect(loop.turn).toBeUndefined();
    loop.add([message('b')]);
    await loop.turn;
    expect(batches).toEqual([['b']]);
    await loop.stop();
  });

  describe('with time at a stand', () => {
    beforeEach(() => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    });
    afterEach(() => {
      vi.useRealTimers();
    });

    it('lets gather what nobody waits for, until it has waited long enough', async () => {
      const loop = create();
      loop.add([lingering('a')]);
      await vi.advanceTimersByTimeAsync(LINGER_MS - 1);
      loop.add([lingering('b')]);
      await settled();
      expect(batches).toEqual([]);
      await vi.advanceTimersByTimeAsync(1);
      await settled();
      expect(batches).toEqual([['a', 'b']]);
      await loop.stop();
    });

    it('takes along what lingers of the key of something that somebody waits for, and leaves the rest', async () => {
      const loop = create();
      loop.add([lingering('a'), lingering('b')]);
      await settled();
      loop.submit({ ...command('c'), key: 'b' });
      await settled();
      expect(done).toEqual(['b', 'c']);
      expect(loop.waiting).toBe(1);
      await vi.advanceTimersByTimeAsync(LINGER_MS);
      await settled();
      expect(done).toEqual(['b', 'c', 'a']);
      await loop.stop();
    });

    it('takes what has lingered though there always is something that somebody waits for', async () => {
      const loop = create();
      run = (items) => {
        if (!has(items, 'a')) loop.add([message('next')]);
      };
      loop.add([lingering('a'), message('next')]);
      for (let ms = 0; ms < LINGER_MS; ms += REST_MS) {
        await settled();
        expect(batches.at(-1)).toEqual(['next']);
        await vi.advanceTimersByTimeAsync(REST_MS);
      }
      await settled();
      expect(batches.at(-1)).toEqual(['a', 'next']);
      await loop.stop();
    });

    it('tells of a turn only until nothing but what lingers is left', async () => {
      const loop = create();
      loop.add([lingering('a'), message('b')]);
      await settled();
      expect(batches).toEqual([['b']]);
      const { turn } = loop;
      await vi.advanceTimersByTimeAsync(REST_MS);
      await turn;
      expect(loop.turn).toBeUndefined();
      expect(batches).toEqual([['b']]);
      await loop.stop();
    });

    it('lets nothing linger when it stops, nor what comes then', async () => {
      const loop = create();
      loop.add([lingering('a'), message('b')]);
      await settled();
      const stopped = loop.stop();
      loop.add([lingering('c')]);
      await stopped;
      expect(batches).toEqual([['b'], ['a', 'c']]);
    });
  });

  it('tries a deadlock again, in the same order', async () => {
    const loop = create();
    run = () => {
      if (batches.length === 1) throw new TransientError('40P01', 'deadlock detected');
    };
    loop.add([message('1'), message('2')]);
    await vi.waitFor(() => expect(done).toEqual(['1', '2']));
    await loop.stop();
  });

  it('finds the one message that can not be saved, and parks that alone', async () => {
    const loop = create();
    run = (items) => {
      if (has(items, 'bad')) throw new Error('violates a constraint');
    };
    loop.add([message('1'), message('2'), message('bad'), message('3')]);
    await vi.waitFor(() => expect(done).toEqual(['1', '2', 'bad', '3']));
    expect(parked).toEqual(['bad']);
    await loop.stop();
  });

  it('answers the one command that can not be saved with what was wrong', async () => {
    const loop = create();
    run = (items) => {
      if (has(items, 'bad')) throw new Error('violates a constraint');
    };
    loop.submit(command('1'));
    loop.submit(command('bad'));
    await vi.waitFor(() => expect(done).toEqual(['1', 'bad: violates a constraint']));
    expect(parked).toEqual([]);
    await loop.stop();
  });

  it('refuses more commands than may wait', async () => {
    const loop = create({ maxCommands: 2 });
    loop.submit(command('1'));
    loop.submit(command('2'));
    expect(() => loop.submit(command('3'))).toThrow(OverloadError);
    await vi.waitFor(() => expect(done).toEqual(['1', '2']));
    loop.submit(command('4'));
    await vi.waitFor(() => expect(done).toEqual(['1', '2', '4']));
    await loop.stop();
  });
});

describe('an outage', () => {
  it('is waited out by messages and outcomes, and told to commands after a while, in the queue as well', async () => {
    const loop = create({ maxKeys: 2 });
    let isAway = true;
    run = () => {
      if (isAway) throw away();
    };
    const late = { ...command('late'), input: { ...command('late').input, time: Date.now() - 10_000 } };
    loop.add([message('1'), outcome('2'), late, lingering('later'), message('3')]);
    await vi.waitFor(() => expect(done).toEqual(['late: Postgres: gone']));
    expect(loop.heldUpBy).toBe('Postgres: gone');
    expect(batches.at(-1)).toEqual(['1', '2']);
    isAway = false;
    await vi.waitFor(() => expect(done.slice(1)).toEqual(['1', '2', '3', 'later']));
    expect(loop.heldUpBy).toBeUndefined();
    await loop.stop();
  });

  it('at a stop leaves everything undone: what came later must not count as read before what came first', async () => {
    const loop = create({ maxKeys: 1 });
    run = (items) => {
      if (has(items, '1')) throw away();
    };
    loop.add([message('1'), message('2'), command('3')]);
    await vi.waitFor(() => expect(batches.length).toBeGreaterThan(0));
    await loop.stop();
    expect(done).toEqual(['3: Postgres: gone']);
    expect(batches.flat()).not.toContain('2');
  });
});

describe('a fatal error', () => {
  it.each([
    ['thrown by the reaction', new FatalError('WRONG_STATEMENT', 'no such table'), message('first')],
    ['an outcome that can not be saved', new Error('violates a constraint'), outcome('first')],
  ])('%s ends it: nothing behind is done', async (_what, error, first) => {
    const loop = create({ maxKeys: 1 });
    run = (items) => {
      if (items.includes(first)) throw error;
    };
    loop.add([first, message('2')]);
    loop.submit(command('3'));
    await vi.waitFor(() => expect(fatal).toHaveLength(1));
    loop.add([message('4')]);
    expect(() => loop.submit(command('5'))).toThrow(OverloadError);
    await loop.stop();
    expect(batches.flat()).not.toContain('2');
    expect(done).toEqual([`3: ${fatal[0]?.message}`]);
  });
});

describe('a mass failure', () => {
  it('ends messages alone: none is done any more, and commands and outcomes go on', async () => {
    const loop = create();
    const failing = message('first');
    run = (items) => {
      if (items.includes(failing)) throw new MassFailure(100, 120, []);
    };
    loop.add([failing, message('2'), outcome('3')]);
    loop.submit(command('4'));
    await vi.waitFor(() => expect(halted).toMatchObject([{ code: 'MASS_FAILURE' }]));
    loop.add([message('5'), outcome('6')]);
    loop.submit(command('7'));
    await loop.stop();
    expect(done).toEqual(['3', '4', '6', '7']);
    expect(parked).toEqual([]);
    expect(fatal).toEqual([]);
  });
});

describe('a stop', () => {
  it('finishes what waits, and refuses what comes then', async () => {
    const loop = create({ maxKeys: 1 });
    loop.add([message('1'), message('2')]);
    const stopped = loop.stop();
    expect(() => loop.submit(command('3'))).toThrow(OverloadError);
    await stopped;
    expect(done).toEqual(['1', '2']);
    loop.add([message('4')]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(batches.flat()).not.toContain('4');
  });
});
