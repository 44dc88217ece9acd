import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createFakeConnection } from '../tests/fake-connection.ts';
import { logger } from '../tests/given.ts';
import type { Database } from './database.ts';
import type { SavedEffect } from './effect-store.ts';
import { createEffectWorker, type EffectWorker } from './effects.ts';
import { TransientError } from './errors.ts';
import type { OutcomeItem } from './item.ts';
import type { EffectRunner } from './reactor.ts';
import { createTracer } from './tracing.ts';

let outcomes: OutcomeItem[];
let statements: string[];
let adopted: SavedEffect[];
let forgotten: SavedEffect[];
/** Ids that may not be started: somebody else owns them now. */
let taken: string[];
let worker: EffectWorker;

const effect = (id: string, overrides: Partial<SavedEffect> = {}): SavedEffect => ({
  kind: 'mail',
  id,
  key: `key-${id}`,
  data: { to: id },
  state: 'waiting',
  correlationId: 'c',
  causationId: 'i',
  traceparent: null,
  ...overrides,
});

function start(runner: Partial<EffectRunner<never, unknown>> & Pick<EffectRunner<never, unknown>, 'run'>) {
  const { query } = createFakeConnection((statement, values) => {
    statements.push(statement);
    if (statement === 'effects-adopt') return adopted.splice(0);
    if (statement === 'effects-forgotten') return forgotten;
    if (statement !== 'effects-start') return [];
    const [, ids] = values as [string, string[]];
    return ids.flatMap((id) => (taken.includes(id) ? [] : [{ id }]));
  });
  worker = createEffectWorker({
    database: { query } as unknown as Database,
    runners: { mail: { repeatable: false, unknown: 'unknown', ...runner } },
    instance: 'me',
    logger,
    tracer: createTracer('test'),
    clock: () => 1,
    newId: () => 'id',
    onOutcome: (item) => outcomes.push(item),
  });
  return worker;
}

const answers = () => outcomes.map(({ effect: { id }, input }) => [id, input.data]);

beforeEach(() => {
  outcomes = [];
  statements = [];
  adopted = [];
  forgotten = [];
  taken = [];
  return async () => worker.stop(100);
});

describe('an effect', () => {
  it('is begun in the database before it is run, and its outcome comes back as an input', async () => {
    start({
      run: async ({ id, attempt }) => {
        expect(statements).toContain('effects-start');
        return `${id} at attempt ${attempt}`;
      },
    });
    worker.add([effect('1')]);
    await vi.waitFor(() => expect(answers()).toEqual([['1', '1 at attempt 1']]));
    expect(outcomes[0]).toMatchObject({
      kind: 'outcome',
      key: 'key-1',
      input: { name: 'mail', correlationId: 'c' },
    });
  });

  it('that may be repeated needs no such mark, and waits out whatever fails', async () => {
    const run = vi.fn(async ({ attempt }: { attempt: number }) => {
      if (attempt < 3) throw new Error('no answer');
      return 'charged';
    });
    start({ repeatable: true, run });
    worker.add([effect('1')]);
    await vi.waitFor(() => expect(answers()).toEqual([['1', 'charged']]));
    expect(statements).not.toContain('effects-start');
    expect(run).toHaveBeenCalledTimes(3);
  });

  it('that must not be repeated is, where its runner is certain that nothing happened', async () => {
    start({
      run: async ({ attempt }) => {
        if (attempt === 1) throw new TransientError('ECONNREFUSED', 'nobody there');
        return 'sent';
      },
    });
    worker.add([effect('1')]);
    await vi.waitFor(() => expect(answers()).toEqual([['1', 'sent']]));
    expect(statements.slice(0, 3)).toEqual(['effects-start', 'effects-reset', 'effects-start']);
  });

  it('that must not be repeated is unknown after any other error', async () => {
    const run = vi.fn(async () => {
      throw new TypeError('cannot read properties of undefined');
    });
    start({ run });
    worker.add([effect('1')]);
    await vi.waitFor(() => expect(answers()).toEqual([['1', 'unknown']]));
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('that somebody else has taken over is not run', async () => {
    taken = ['1'];
    const run = vi.fn(async () => 'sent');
    start({ run });
    worker.add([effect('1'), effect('2')]);
    await vi.waitFor(() => expect(answers()).toEqual([['2', 'sent']]));
    expect(run).toHaveBeenCalledTimes(1);
    await vi.waitFor(() => expect(worker.open).toBe(1));
  });
});

describe('what a dead instance has left', () => {
  it('is run, but what it had begun and must not be repeated is unknown', async () => {
    const run = vi.fn(async ({ id }: { id: string }) => `${id} sent`);
    start({ run });
    adopted = [effect('begun', { state: 'started' }), effect('waiting')];
    worker.start();
    await vi.waitFor(() => expect(answers()).toContainEqual(['waiting', 'waiting sent']));
    expect(answers()).toContainEqual(['begun', 'unknown']);
    expect(run).toHaveBeenCalledTimes(1);
  });
});

describe('an effect that is held', () => {
  it('is not taken a second time before its outcome is saved', async () => {
    const run = vi.fn(async () => 'sent');
    start({ run });
    worker.add([effect('1')]);
    worker.add([effect('1')]);
    await vi.waitFor(() => expect(answers()).toHaveLength(1));
    worker.add([effect('1', { state: 'started' })]);
    expect(answers()).toEqual([['1', 'sent']]);
    expect(worker.open).toBe(1);
    outcomes[0]?.done();
    expect(worker.open).toBe(0);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('is found again if nobody ever told us that it was committed', { timeout: 15_000 }, async () => {
    start({ run: async () => 'sent' });
    forgotten = [effect('lost')];
    worker.start();
    await vi.waitFor(() => expect(answers()).toEqual([['lost', 'sent']]), { timeout: 12_000 });
  });
});

describe('the worker', () => {
  it('runs as many at once as the kind allows, and the rest in order', async () => {
    const begun: string[] = [];
    const ends: (() => void)[] = [];
    const run = ({ id }: { id: string }) => {
      begun.push(id);
      return new Promise<string>((resolve) => ends.push(() => resolve(id)));
    };
    start({ run, concurrency: 2 });
    worker.add(['1', '2', '3', '4'].map((id) => effect(id)));
    await vi.waitFor(() => expect(begun).toEqual(['1', '2']));
    ends[1]?.();
    await vi.waitFor(() => expect(begun).toEqual(['1', '2', '3']));
    for (const end of ends) end();
    await vi.waitFor(() => expect(begun).toEqual(['1', '2', '3', '4']));
    ends[3]?.();
    await vi.waitFor(() => expect(worker.open).toBe(4));
  });

  it('leaves effects unowned when it has enough to do, and takes them when there is room', () => {
    start({ run: () => new Promise(() => undefined) });
    expect(worker.owner(10)).toBe('me');
    worker.add(Array.from({ length: 5_000 }, (_, index) => effect(String(index))));
    expect(worker.owner(1)).toBeNull();
  });

  it('begins nothing more once it stops, tells what runs, and waits for it no longer than it may', async () => {
    const signals: AbortSignal[] = [];
    const run = vi.fn((_effect: unknown, signal: AbortSignal) => {
      signals.push(signal);
      return new Promise<never>(() => undefined);
    });
    start({ run, concurrency: 1 });
    worker.add([effect('1'), effect('2')]);
    await vi.waitFor(() => expect(run).toHaveBeenCalledTimes(1));
    const begun = performance.now();
    await worker.stop(50);
    expect(performance.now() - begun).toBeGreaterThan(40);
    expect(signals[0]?.aborted).toBe(true);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('gives back, before it has stopped, what did not happen', async () => {
    start({
      run: (_effect, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new TransientError('STOPPING', 'not sent')));
        }),
    });
    worker.add([effect('1')]);
    await vi.waitFor(() => expect(statements).toContain('effects-start'));
    await vi.waitFor(() => expect(worker.open).toBe(1));
    await worker.stop(5_000);
    expect(statements).toContain('effects-reset');
    expect(outcomes).toEqual([]);
  });
});
