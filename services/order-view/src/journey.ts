import {
  type EmailTemplate,
  type EventName,
  eventsOf,
  groups,
  type OrderReadModel,
  type Step,
  sagaGraph,
  type ViewNextStep,
  type ViewStep,
} from '@skald/contracts';
import type { Happened } from './view.ts';

/** What the view hears of: the rest of the saga's events, those with personal data in them, it has to infer. */
const visible: ReadonlySet<EventName> = new Set(groups['order-view'].flatMap(eventsOf));

const outcomesOf = ({ publishes, onFailure }: Step): readonly EventName[] => [...publishes, ...onFailure];

/** The steps that the view hears of, in the order of the saga. Notes and reference data are none. */
const saga: readonly Step[] = sagaGraph.filter((step) =>
  outcomesOf(step).some((event) => visible.has(event)),
);
const placeInSaga: ReadonlyMap<EventName, number> = new Map(
  saga.flatMap((step, index) => outcomesOf(step).map((event) => [event, index] as const)),
);
const stepOf = (event: EventName): Step | undefined => saga[placeInSaga.get(event) ?? -1];
const publishersOf = (event: EventName, among: readonly Step[] = saga): readonly Step[] =>
  among.filter(({ publishes }) => publishes.includes(event));

/** What each mail follows: as schemas/values/EmailTemplate.avsc says. */
const mailFollows: Readonly<Record<EmailTemplate, EventName>> = {
  'order-confirmation': 'OrderCreated',
  'shipment-scheduled': 'OrderConfirmed',
  'order-cancelled': 'OrderCancelled',
};

/** The steps taken, those to come, and the one that is waited for, from the events alone; in whatever order they came. */
export function journeyOf(
  happened: readonly Happened[],
): Pick<OrderReadModel, 'steps' | 'remaining' | 'waitsFor'> {
  const ahead = stepsAhead(happened);
  return {
    steps: happened.toSorted(inTime).map((event) => describe(event, happened)),
    remaining: ahead.remaining.map(toNextStep),
    waitsFor: ahead.waitsFor === undefined ? null : toNextStep(ahead.waitsFor),
  };
}

const toNextStep = ({ service, verb }: Step): ViewNextStep => ({ service, verb });

/** By time; within one millisecond, in the order of the saga. */
const inTime = (one: Happened, other: Happened): number =>
  one.at - other.at ||
  (placeInSaga.get(one.event) ?? 0) - (placeInSaga.get(other.event) ?? 0) ||
  one.sequence - other.sequence;

function describe(taken: Happened, happened: readonly Happened[]): ViewStep {
  const { event, at, sequence, partition, offset } = taken;
  const { service = '', verb = '' } = stepOf(event) ?? {};
  const since = calledForAt(taken, happened);
  const durationMs = since === undefined ? null : Math.max(0, at - since);
  return { service, verb, event, at, durationMs, sequence, partition, offset };
}

/** When the last of what a step waited for happened, epoch ms. Undefined where a person or a deadline asked for it. */
function calledForAt({ event, at, template }: Happened, happened: readonly Happened[]): number | undefined {
  const step = stepOf(event);
  if (step === undefined) return undefined;
  const callers = template === undefined ? step.on.flatMap(standInsOf) : [mailFollows[template]];
  const times = happened
    .filter((other) => callers.includes(other.event))
    .map((other) => other.at)
    // Where any of them is enough, one that came later did not call for it.
    .filter((time) => step.needs === 'all' || time <= at);
  return times.length === 0 ? undefined : Math.max(...times);
}

/** An event that the view doesn't hear of was published together with one that it does. */
const standInsOf = (event: EventName): readonly EventName[] =>
  visible.has(event)
    ? [event]
    : publishersOf(event).flatMap(({ publishes }) => publishes.filter((other) => visible.has(other)));

/** The steps that are still to be taken if nothing fails, in the order of the saga, and the first that is called for. */
function stepsAhead(happened: readonly Happened[]): {
  readonly remaining: readonly Step[];
  readonly waitsFor: Step | undefined;
} {
  const has = (event: EventName): boolean => happened.some((other) => other.event === event);
  const isDone = ({ publishes }: Step): boolean =>
    publishes.some((event) => visible.has(event) && has(event));
  const timesTaken = (step: Step): number =>
    happened.filter(({ event }) => outcomesOf(step).includes(event)).length;
  /** How often these steps call for one: once, or once for each of those that publish what it alone is about. */
  const timesCalled = ({ on }: Step, by: readonly Step[]): number =>
    Math.max(1, ...on.filter((event) => !visible.has(event)).map((event) => publishersOf(event, by).length));
  const isCalledFor = (step: Step): boolean => {
    const hasHeard = (event: EventName) =>
      visible.has(event) ? has(event) : publishersOf(event).some(isDone);
    return step.needs === 'all' ? step.on.every(hasHeard) : step.on.some(hasHeard);
  };

  const done = saga.filter(isDone);
  const path = hasTurned(has, done) ? wayBack(done) : saga.filter(({ kind }) => kind !== 'compensation');
  const remaining = path.filter((step) => timesTaken(step) < timesCalled(step, path));
  const waitsFor = remaining.find((step) => isCalledFor(step) && timesTaken(step) < timesCalled(step, done));
  return { remaining, waitsFor };
}

/** Whether the order is on its way back: it was cancelled, or will be, as a step before the pivot has failed. */
function hasTurned(has: (event: EventName) => boolean, done: readonly Step[]): boolean {
  if (done.some(({ kind }) => kind === 'pivot')) return false;
  return saga.some(
    ({ kind, publishes, onFailure }) =>
      (kind === 'compensable' && onFailure.some(has)) ||
      (kind === 'compensation' && publishes.some((event) => visible.has(event) && has(event))),
  );
}

/** What was done, what takes that back, and what follows from both. */
function wayBack(done: readonly Step[]): readonly Step[] {
  const undoing = saga.filter((step) =>
    done.some(({ service, undoneBy }) => service === step.service && undoneBy === step.verb),
  );
  const base = new Set([...done, ...undoing]);
  const follows = ({ on }: Step) => on.some((event) => publishersOf(event, [...base]).length > 0);
  return saga.filter((step) => base.has(step) || (step.kind === 'retriable' && follows(step)));
}
