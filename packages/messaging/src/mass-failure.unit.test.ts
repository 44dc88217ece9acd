import { describe, expect, it } from 'vitest';
import { FatalError, PoisonError } from './errors.ts';
import { createMassFailureGuard } from './mass-failure.ts';
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

function createStream() {
  const guard = createMassFailureGuard();
  return (outcomes: ReturnType<typeof many>) => {
    guard.check(outcomes);
    guard.note(outcomes);
  };
}

describe('mass failure', () => {
  it.each(['HANDLER_FAILED', 'NOT_SAVED'])('is half of the last messages failing with %s', (code) => {
    const take = createStream();
    for (let round = 0; round < 99; round += 1) {
      take(many(1, 'applied'));
      take(many(1, 'poison', code));
    }
    expect(() => take(many(1, 'poison', code))).toThrow(FatalError);
  });

  it('is found before the batch that shows it is committed', () => {
    const guard = createMassFailureGuard();
    expect(() => guard.check(many(500, 'poison', 'HANDLER_FAILED'))).toThrow(
      /100 of the last|of the last 200/,
    );
  });

  it('is not what can not be read, or what a rule refuses', () => {
    const take = createStream();
    for (const code of ['UNDECODABLE', 'UNKNOWN_SCHEMA', 'BAD_QUANTITY']) take(many(500, 'poison', code));
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
    expect(() => take(many(40, 'poison', 'HANDLER_FAILED'))).toThrow(FatalError);
  });

  it('is not counted twice for a batch that is tried again', () => {
    const guard = createMassFailureGuard();
    for (let attempt = 0; attempt < 10; attempt += 1) guard.check(many(60, 'poison', 'HANDLER_FAILED'));
  });
});
