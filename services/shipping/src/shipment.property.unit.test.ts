import type { EventName } from '@skald/contracts';
import type { Input } from '@skald/messaging';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  answered,
  booked,
  calledOff,
  cancelled,
  confirmed,
  contact,
  paid,
  refused,
  take,
  uuid,
} from '../tests/given.ts';
import type { ShipmentState } from './shipment-state.ts';
import { createWorld, type World } from './world.ts';

const orderId = uuid(1);

const legal: Record<ShipmentState, readonly ShipmentState[]> = {
  none: ['addressed', 'paid', 'cancelled'],
  addressed: ['booking', 'cancelled'],
  paid: ['booking', 'cancelled'],
  booking: ['scheduled', 'refused', 'cancelling'],
  scheduled: ['dispatched', 'called-off'],
  refused: [],
  dispatched: [],
  cancelling: ['called-off', 'refused'],
  'called-off': [],
  cancelled: [],
};

/** What may be under way to shipping: it is delivered in any order, as often as the topics and effects allow. */
type Step = 'contact' | 'paid' | 'cancelled' | 'confirmed' | 'answer' | 'called-off';

const step = fc.constantFrom<Step>('contact', 'paid', 'cancelled', 'confirmed', 'answer', 'called-off');

interface Run {
  readonly world: World;
  readonly published: EventName[];
  readonly asked: string[];
  /** Effects whose outcome is still to come. */
  readonly open: string[];
  poisoned: number;
}

const stateOf = ({ world }: Run): ShipmentState => world.shipments.get(orderId)?.state ?? 'none';

/** The input of a step, or undefined where the world can't bring it: an outcome without its effect. */
function inputOf(run: Run, next: Step, serviceable: boolean): Input | undefined {
  const finished = (kind: string) => {
    const at = run.open.indexOf(kind);
    if (at >= 0) run.open.splice(at, 1);
    return at >= 0;
  };
  switch (next) {
    case 'contact':
      return contact(orderId);
    case 'paid':
      return paid(orderId);
    case 'cancelled':
      return cancelled(orderId);
    case 'confirmed':
      return confirmed(orderId);
    case 'answer':
      return finished('booking') ? answered(orderId, serviceable ? booked : refused) : undefined;
    case 'called-off':
      return finished('call-off') ? calledOff(orderId) : undefined;
  }
}

function go(run: Run, next: Step, serviceable: boolean): void {
  const input = inputOf(run, next, serviceable);
  if (input === undefined) return;
  const from = stateOf(run);
  try {
    const { events, effects } = take(run.world, input);
    run.published.push(...events.map(({ name }) => name));
    run.asked.push(...effects.map(({ kind }) => kind));
    run.open.push(...effects.map(({ kind }) => kind));
  } catch (error) {
    expect(error).toMatchObject({ name: 'PoisonError' });
    // An answer that was asked for must never be poison: there is nowhere to park it.
    expect(input.kind).toBe('event');
    run.poisoned += 1;
  }
  const to = stateOf(run);
  if (from !== to && !legal[from].includes(to)) expect.fail(`${from} → ${to}`);
}

const start = (): Run => ({ world: createWorld(), published: [], asked: [], open: [], poisoned: 0 });

const times = (all: readonly string[], one: string): number => all.filter((other) => other === one).length;

describe('whatever comes, in whatever order', () => {
  it('a shipment takes legal steps only, and each of them once', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), fc.boolean(), (steps, serviceable) => {
        const run = start();
        for (const next of steps) go(run, next, serviceable);
        expect(new Set(run.published).size).toBe(run.published.length);
        expect(new Set(run.asked).size).toBe(run.asked.length);
      }),
      { numRuns: 1000 },
    );
  });

  it('it is dispatched only when it was addressed, paid, booked and confirmed, and never when cancelled', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), fc.boolean(), (steps, serviceable) => {
        const run = start();
        const seen = new Set<Step>();
        for (const next of steps) {
          const before = run.published.length;
          go(run, next, serviceable);
          const dispatched = run.published.slice(before).includes('ShipmentDispatched');
          if (dispatched) {
            for (const needed of ['contact', 'paid', 'answer'] as const) expect(seen).toContain(needed);
            expect(next).toBe('confirmed');
            expect(seen).not.toContain('cancelled');
          }
          seen.add(next);
        }
        expect(
          run.published.includes('ShipmentDispatched') && run.published.includes('ShipmentCancelled'),
        ).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  it('nothing stays booked for a cancelled order, wherever the cancellation falls', () => {
    const before = fc.shuffledSubarray<Step>(['contact', 'paid', 'answer', 'cancelled'], { minLength: 4 });
    fc.assert(
      fc.property(before, fc.boolean(), (steps, serviceable) => {
        const run = start();
        // Whatever was still in flight lands in the end.
        for (const next of [...steps, 'answer', 'called-off'] as const) go(run, next, serviceable);
        expect(['cancelled', 'called-off', 'refused']).toContain(stateOf(run));
        expect(times(run.asked, 'call-off')).toBe(stateOf(run) === 'called-off' ? 1 : 0);
        expect(times(run.published, 'ShipmentCancelled')).toBe(stateOf(run) === 'called-off' ? 1 : 0);
        expect(run.open).toEqual([]);
        expect(run.poisoned).toBe(0);
      }),
    );
  });
});
