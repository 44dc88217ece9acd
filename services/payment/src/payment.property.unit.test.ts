import type { Events } from '@skald/contracts';
import type { Decision, Input, NewEffect, NewEvent } from '@skald/messaging';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEffects } from './effects.ts';
import type { Outcome } from './inputs.ts';
import type { Payment } from './payment.ts';
import type { ChargeAnswer, RefundAnswer } from './provider.ts';
import { createInsideProvider } from './provider-inside.ts';
import { reactor } from './saga.ts';
import { chargesOf } from './simulator.ts';
import { createTeller } from './teller.ts';
import { createWorld } from './world.ts';

const orderId = '01900000-0000-7000-8000-000000000001';
const total = { amount: 4_990, currency: 'EUR' };

/** What may happen next: an event comes (perhaps not for the first time), an effect runs (perhaps in vain), an answer comes in. */
type Step = 'OrderCreated' | 'StockReserved' | 'OrderCancelled' | 'run' | 'crash' | 'answer';

const step = fc.constantFrom<Step>(
  'OrderCreated',
  'StockReserved',
  'OrderCancelled',
  'run',
  'crash',
  'answer',
);
const token = fc.constantFrom(
  'tok_visa',
  'tok_chargeDeclined',
  'tok_processingError',
  'tok_timeout',
  'tok_nonsense',
);

/** One order, the provider's ledger, and the kernel's promises about effects in twenty lines. */
function createScene(paymentMethod: string) {
  const teller = createTeller({ slowMs: 1, lateMs: 60_000 });
  const runners = createEffects(createInsideProvider(teller, 1));
  const world = createWorld();
  const effects = new Map<string, NewEffect>();
  const answers: Outcome[] = [];
  const events: NewEvent[] = [];
  let ids = 0;

  function take(input: Input): void {
    const decision: Decision<Payment> = reactor.decide(world, input, { now: 1, newId: () => `id-${++ids}` });
    if (decision.outcome === 'ignore') return;
    reactor.evolve(world, decision.change);
    events.push(...(decision.events ?? []));
    for (const effect of decision.effects ?? []) {
      expect(effects.has(effect.id), 'an effect is asked for once').toBe(false);
      effects.set(effect.id, effect);
    }
  }

  const event = { ...arrival, kind: 'event' } as const;
  const inputs: Readonly<Record<'OrderCreated' | 'StockReserved' | 'OrderCancelled', Input>> = {
    OrderCreated: {
      ...event,
      name: 'OrderCreated',
      data: { orderId, customerId: 'c', lines: [], total, paymentMethod, createdAt: 1 },
    },
    StockReserved: { ...event, name: 'StockReserved', data: { orderId, lines: [], reservedAt: 1 } },
    OrderCancelled: {
      ...event,
      name: 'OrderCancelled',
      data: { orderId, reason: 'DEADLINE_PASSED', cancelledAt: 1 } satisfies Events['OrderCancelled'],
    },
  };

  /** The first effect that has no answer yet is executed; a crash loses what was answered. */
  async function run(isCrash: boolean): Promise<void> {
    const answered = new Set(answers.map(({ id }) => id));
    const effect = [...effects.values()].find(
      ({ id, kind }) => !settled.has(id) && !answered.has(id) && kind in runners,
    );
    if (effect === undefined) return;
    const runner = runners[effect.kind];
    const call = { id: effect.id, key: orderId, data: effect.data as never, attempt: 1 };
    const data = await runner?.run(call, new AbortController().signal).catch(() => undefined);
    if (data !== undefined && !isCrash) {
      answers.push(outcomeOf(effect, data));
    }
  }

  const settled = new Set<string>();
  function answer(): void {
    const outcome = answers.shift();
    if (outcome === undefined) return;
    settled.add(outcome.id);
    take(outcome);
  }

  return {
    async play(next: Step): Promise<void> {
      if (next === 'run' || next === 'crash') await run(next === 'crash');
      else if (next === 'answer') answer();
      else take(inputs[next]);
    },
    /** Until nothing is left to do. tok_processingError fails twice. */
    async rest(): Promise<void> {
      for (let round = 0; round < 8; round += 1) {
        await run(false);
        answer();
      }
    },
    state: () => world.payments.get(orderId)?.state ?? 'none',
    charges: () => chargesOf(teller.ledger, orderId, 'succeeded'),
    events,
  };
}

const arrival = { key: orderId, time: 1, id: 'id', correlationId: 'correlation', sequence: 1 } as const;

function outcomeOf({ id, kind }: NewEffect, data: unknown): Outcome {
  return kind === 'charge'
    ? { ...arrival, id, kind: 'outcome', name: 'charge', data: data as ChargeAnswer }
    : { ...arrival, id, kind: 'outcome', name: 'refund', data: data as RefundAnswer };
}

const balanceOf = (scene: ReturnType<typeof createScene>): number =>
  scene.charges().reduce((sum, charge) => sum + charge.amount - charge.refundedAmount, 0);

describe('money, whatever happens in whatever order', () => {
  it('is charged once at most, and given back if the order is cancelled', async () => {
    await fc.assert(
      fc.asyncProperty(token, fc.array(step, { maxLength: 24 }), async (paymentMethod, steps) => {
        const scene = createScene(paymentMethod);
        for (const next of steps) {
          await scene.play(next);
          expect(scene.charges().length).toBeLessThanOrEqual(1);
        }
        await scene.rest();
        expect(scene.charges().length).toBeLessThanOrEqual(1);
        if (steps.includes('OrderCancelled')) expect(balanceOf(scene)).toBe(0);
        else if (scene.state() === 'completed') expect(balanceOf(scene)).toBe(total.amount);
        else expect(balanceOf(scene)).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  it('moves as the log says: completed once at most, refunded once at most, and never unless it was completed', async () => {
    await fc.assert(
      fc.asyncProperty(token, fc.array(step, { maxLength: 24 }), async (paymentMethod, steps) => {
        const scene = createScene(paymentMethod);
        for (const next of steps) await scene.play(next);
        await scene.rest();
        const told = scene.events.map(({ name }) => name);
        expect([
          [],
          ['PaymentFailed'],
          ['PaymentCompleted'],
          ['PaymentCompleted', 'PaymentRefunded'],
        ]).toContainEqual(told);
        const isRefunded = scene.charges().some(({ refundedAmount }) => refundedAmount > 0);
        expect(told.includes('PaymentRefunded')).toBe(isRefunded);
        expect(told.includes('PaymentCompleted')).toBe(scene.charges().length === 1);
      }),
      { numRuns: 300 },
    );
  });

  // The kernel remembers no effect that is done: what says no is the state. `createScene` fails if it doesn't.
  it('moves no more when the same events come again after all is done', async () => {
    const events = fc.shuffledSubarray<Step>(['OrderCreated', 'StockReserved', 'OrderCancelled']);
    await fc.assert(
      fc.asyncProperty(token, events, fc.boolean(), async (paymentMethod, steps, rests) => {
        const scene = createScene(paymentMethod);
        for (const next of steps) {
          await scene.play(next);
          if (rests) await scene.rest();
        }
        await scene.rest();
        const state = scene.state();
        for (const next of steps) await scene.play(next);
        expect(scene.state()).toBe(state);
      }),
    );
  });

  it('ends where both came and nobody cancelled: charged, or declined', async () => {
    await fc.assert(
      fc.asyncProperty(
        token,
        fc.shuffledSubarray<Step>(['run', 'crash', 'answer', 'run']),
        fc.boolean(),
        async (paymentMethod, steps, swapped) => {
          const scene = createScene(paymentMethod);
          const first: Step[] = swapped
            ? ['StockReserved', 'OrderCreated']
            : ['OrderCreated', 'StockReserved'];
          for (const next of [...first, ...steps]) await scene.play(next);
          await scene.rest();
          const isDeclined = paymentMethod === 'tok_chargeDeclined' || paymentMethod === 'tok_nonsense';
          expect(scene.state()).toBe(isDeclined ? 'failed' : 'completed');
        },
      ),
    );
  });
});
