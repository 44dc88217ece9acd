import { createSeededRandom } from '@skald/testkit';
import { describe, expect, it } from 'vitest';
import { PoisonError } from './errors.ts';
import { createMassFailureGuard, MassFailure } from './mass-failure.ts';
import type { Outcome } from './reaction.ts';

const message = (outcome: Outcome, code?: string) => ({
  topic: 'orders.events',
  partition: 0,
  offset: 0,
  key: 'k',
  name: 'OrderCreated' as const,
  outcome,
  ...(code === undefined ? {} : { error: new PoisonError(code, 'no') }),
});
const many = (count: number, outcome: Outcome, code?: string) =>
  Array.from({ length: count }, () => message(outcome, code));

/** Takes batches in; answers what the next start has to know, if it is new. */
function createStream(options: { isSuspected?: boolean } = {}) {
  const guard = createMassFailureGuard(options);
  return (outcomes: ReturnType<typeof many>) => {
    const { isSuspected, accept } = guard.judge(outcomes);
    accept();
    return isSuspected;
  };
}

describe('mass failure', () => {
  it.each(['HANDLER_FAILED', 'NOT_SAVED'])('is half of the last messages failing with %s', (code) => {
    const take = createStream();
    for (let round = 0; round < 99; round += 1) {
      take(many(1, 'applied'));
      take(many(1, 'poison', code));
    }
    expect(() => take(many(1, 'poison', code))).toThrow(MassFailure);
  });

  it('is found before the batch that shows it is committed', () => {
    const guard = createMassFailureGuard();
    expect(() => guard.judge(many(500, 'poison', 'HANDLER_FAILED'))).toThrow(/of the last 200/);
  });

  it('is not what can not be read, what a rule refuses, or what ended the process', () => {
    const take = createStream({ isSuspected: true });
    for (const code of ['UNDECODABLE', 'UNKNOWN_SCHEMA', 'BAD_QUANTITY', 'CRASHED_THE_PROCESS'])
      take(many(500, 'poison', code));
  });

  it('is not poison now and then, however long it goes on', () => {
    const take = createStream();
    for (let round = 0; round < 1_000; round += 1) {
      take(many(2, 'applied'));
      take(many(1, 'poison', 'HANDLER_FAILED'));
    }
  });

  it('is not thinned by duplicates and by what is parked behind', () => {
    const take = createStream();
    take(many(60, 'poison', 'HANDLER_FAILED'));
    take(many(1_000, 'duplicate'));
    take(many(1_000, 'parked'));
    expect(() => take(many(40, 'poison', 'HANDLER_FAILED'))).toThrow(MassFailure);
  });

  it('is not counted twice for a batch that is tried again', () => {
    const guard = createMassFailureGuard();
    for (let attempt = 0; attempt < 10; attempt += 1) guard.judge(many(60, 'poison', 'HANDLER_FAILED'));
  });

  it('tells its first failures', () => {
    const take = createStream();
    take([message('poison', 'NOT_SAVED'), ...many(98, 'poison', 'HANDLER_FAILED')]);
    try {
      take(many(1, 'poison', 'HANDLER_FAILED'));
      expect.unreachable();
    } catch (error) {
      const codes = (error as MassFailure).failures.map(({ error: failure }) => failure?.code);
      expect(codes).toEqual(['NOT_SAVED', ...Array.from({ length: 4 }, () => 'HANDLER_FAILED')]);
    }
  });
});

describe('a start behind a build that was failing', () => {
  it('is told of it as soon as ten have failed, and they are half of all', () => {
    const take = createStream();
    expect(take(many(9, 'applied'))).toBeUndefined();
    expect(take(many(9, 'poison', 'HANDLER_FAILED'))).toBeUndefined();
    expect(take(many(1, 'poison', 'HANDLER_FAILED'))).toBe(true);
    expect(take(many(1, 'poison', 'HANDLER_FAILED'))).toBeUndefined();
  });

  it('is on probation: ten failures of its first twenty messages are enough', () => {
    const take = createStream({ isSuspected: true });
    take([...many(9, 'poison', 'HANDLER_FAILED'), ...many(10, 'applied')]);
    expect(() => take(many(1, 'poison', 'HANDLER_FAILED'))).toThrow(/10 of the last 20/);
  });

  it('has passed with twenty messages of which most are well, and is as any other then', () => {
    const take = createStream({ isSuspected: true });
    take(many(2, 'poison', 'HANDLER_FAILED'));
    expect(take(many(18, 'applied'))).toBe(false);
    take(many(90, 'poison', 'HANDLER_FAILED'));
  });
});

/** A stream of messages of which a share fails, by builds that are started anew by chance. */
function run(share: number, messages: number, seed: number) {
  const random = createSeededRandom(seed);
  let isSuspected = false;
  const result = { halts: 0, starts: 0, parkedFirst: 0, parkedMost: 0, suspicions: 0 };
  let left = messages;
  while (left > 0) {
    const guard = createMassFailureGuard({ isSuspected });
    result.starts += 1;
    let parked = 0;
    // Until it is killed: mostly soon, now and then after thousands.
    for (let until = Math.min(left, random.int(1, 10 ** random.int(1, 4))); until > 0; ) {
      const outcomes = Array.from({ length: random.int(1, 60) }, () =>
        random.int(0, 9_999) < share * 10_000 ? message('poison', 'HANDLER_FAILED') : message('applied'),
      );
      until -= outcomes.length;
      left -= outcomes.length;
      try {
        const verdict = guard.judge(outcomes);
        verdict.accept();
        parked += outcomes.filter(({ outcome }) => outcome === 'poison').length;
        if (verdict.isSuspected === true) result.suspicions += 1;
        isSuspected = verdict.isSuspected ?? isSuspected;
      } catch {
        result.halts += 1;
        isSuspected = true;
        break;
      }
    }
    if (result.starts === 1) result.parkedFirst = parked;
    else result.parkedMost = Math.max(result.parkedMost, parked);
  }
  return result;
}

describe('messages that fail at random', () => {
  it('at 10 % never count as a mass failure, in two million messages with restarts', {
    timeout: 120_000,
  }, () => {
    for (let seed = 1; seed <= 4; seed += 1) {
      const { halts, starts } = run(0.1, 500_000, seed);
      expect(halts).toBe(0);
      expect(starts).toBeGreaterThan(100);
    }
  });

  it('all of them park no more than 99 at the first start, and 9 at each other one', () => {
    for (let seed = 1; seed <= 50; seed += 1) {
      const { parkedFirst, parkedMost } = run(1, 5_000, seed);
      expect(parkedFirst).toBeLessThan(100);
      // A first start that parked fewer than ten leaves nothing to suspect; the second one then is the first.
      if (parkedFirst >= 10) expect(parkedMost).toBeLessThan(10);
    }
  });
});
