import { topicOf } from '@skald/contracts';
import type { EventInput } from '@skald/messaging';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { confirmed, foldAll, orderId, type Told, tell, unserviceable } from '../tests/given.ts';
import { reactor } from './reactor.ts';
import { modelOf } from './view.ts';
import { createWorld } from './world.ts';

const declined: readonly Told[] = [
  ['OrderCreated', 0],
  ['StockReserved', 40],
  ['PaymentFailed', 90],
  ['OrderCancelled', 95],
  ['StockReservationCancelled', 130],
  ['MailSent order-confirmation', 140],
  ['MailSent order-cancelled', 150],
];

/** An order's events, some of them not there yet, each topic from its beginning. */
const histories = fc
  .tuple(
    fc.constantFrom(confirmed, unserviceable, declined),
    fc.nat({ max: 9 }),
    fc.array(fc.nat({ max: 3 })),
  )
  .map(([told, count, jitter]) =>
    // Several events at one time, and clocks that differ.
    tell(
      told.slice(0, 1 + count).map(([what, ms], index) => [what, ms - 40 * (jitter[index] ?? 0)] as const),
    ),
  );

/** Topics interleaved by chance, each in its own order. */
function interleave(events: readonly EventInput[], choices: readonly number[]): EventInput[] {
  const topics = [...new Set(events.map(({ name }) => topicOf(name)))];
  const queues = topics.map((topic) => events.filter(({ name }) => topicOf(name) === topic));
  const mixed: EventInput[] = [];
  for (let turn = 0; mixed.length < events.length; turn += 1) {
    const left = queues.filter((queue) => queue.length > 0);
    const next = left[(choices[turn % choices.length] ?? 0) % left.length]?.shift();
    if (next !== undefined) mixed.push(next);
  }
  return mixed;
}

const choices = fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 12 });
const context = { now: 0, newId: () => orderId };

describe('the view of an order', () => {
  it('is the same in whatever way the topics interleave', () => {
    fc.assert(
      fc.property(histories, choices, (events, chosen) => {
        expect(modelOf(foldAll(interleave(events, chosen)))).toEqual(modelOf(foldAll(events)));
      }),
      { numRuns: 500 },
    );
  });

  it('is published once a batch, as the fold of what came until then, under a version that rises', () => {
    fc.assert(
      fc.property(
        histories,
        choices,
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1 }),
        (events, chosen, sizes) => {
          const arriving = interleave(events, chosen);
          let known = createWorld();
          for (let from = 0, turn = 0; from < arriving.length; turn += 1) {
            const batch = arriving.slice(from, from + (sizes[turn % sizes.length] ?? 1));
            from += batch.length;
            const world = createWorld(known.views.values());
            for (const event of batch) {
              const decision = reactor.decide(world, event, context);
              if (decision.outcome !== 'ignore') reactor.evolve(world, decision.change);
            }
            const published = reactor.conclude?.(world) ?? [];
            const model = modelOf(foldAll(arriving.slice(0, from)));
            expect(published.map(({ data, sequence }) => ({ data, sequence }))).toEqual(
              model === undefined ? [] : [{ data: model, sequence: from }],
            );
            known = world;
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('owes nothing to anybody once all that was said is in', () => {
    for (const told of [confirmed, unserviceable, declined])
      expect(modelOf(foldAll(tell(told)))).toMatchObject({ remaining: [], waitsFor: null });
  });
});
