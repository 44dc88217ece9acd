import { type EmailTemplate, type EventName, sagaGraph } from '@skald/contracts';
import type { Order, Step } from './order.ts';
import { type Kind, kindOf, sagaStepOf } from './step-kind.ts';

/** A step with what called for it, and what it called for. */
export interface Cause {
  readonly step: Step;
  readonly kind: Kind;
  /** Of a step about a mail: which one. */
  readonly template: string | undefined;
  /** Other steps that it needed, and that were there before. */
  readonly with: readonly string[];
  /** Who asked for what no event called for. */
  readonly askedBy: string | undefined;
  readonly effects: readonly Cause[];
}

/** What each mail follows: as schemas/values/EmailTemplate.avsc says. */
const mailFollows: Readonly<Record<EmailTemplate, EventName>> = {
  'order-confirmation': 'OrderCreated',
  'shipment-scheduled': 'OrderConfirmed',
  'order-cancelled': 'OrderCancelled',
};

/**
 * The steps of an order as a tree by cause, from the saga's graph: what waits for several events hangs under the one that came
 * last. What came from outside, as a customer's cancel, begins a tree of its own.
 */
export function journeyOf(order: Order): readonly Cause[] {
  const parents = new Map(order.steps.map((step) => [step, callersOf(step, order)]));
  const build = (step: Step): Cause => {
    const callers = parents.get(step) ?? [];
    const effects = order.steps.filter((other) => parents.get(other)?.[0] === step);
    return {
      step,
      kind: kindOf(step),
      template: templateOf(step, order),
      with: callers.slice(1).map(({ event }) => event),
      askedBy: callers.length === 0 ? askerOf(step, order) : undefined,
      effects: effects.map(build),
    };
  };
  return order.steps.filter((step) => parents.get(step)?.length === 0).map(build);
}

/** The steps that called for one, the last first. Each lies before it in the list, so that no circle can be. */
function callersOf(step: Step, order: Order): readonly Step[] {
  const template = templateOf(step, order);
  const saga = sagaStepOf(step);
  const names =
    template === undefined
      ? (saga?.on ?? []).flatMap(visibleOf)
      : [mailFollows[template as EmailTemplate] ?? 'OrderCreated'];
  const earlier = order.steps.slice(0, order.steps.indexOf(step));
  const found = earlier.filter(({ event }) => names.some((name) => name === event)).toReversed();
  // Where any of them is enough, the others did not call for it.
  return saga?.needs === 'all' ? found : found.slice(0, 1);
}

/** An event that order-view doesn't hear of is published beside one that it does: the first of its step. */
const visibleOf = (event: EventName): readonly EventName[] => {
  const beside = sagaGraph.filter(({ publishes }) => publishes.indexOf(event) > 0);
  return beside.length === 0 ? [event] : beside.flatMap(({ publishes }) => publishes.slice(0, 1));
};

/** Mails are told in the order of their events. */
const templateOf = ({ service, sequence }: Step, { mails }: Order): string | undefined =>
  service === 'email' ? mails[sequence - 1]?.template : undefined;

function askerOf(step: Step, { reason }: Order): string | undefined {
  if (step.event === 'OrderCancelled') return reason === 'DEADLINE_PASSED' ? 'a deadline' : 'a customer';
  return sagaStepOf(step)?.askedBy?.includes('customer') ? 'a customer' : undefined;
}
