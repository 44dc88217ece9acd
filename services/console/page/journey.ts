import { type EventName, type ServiceName, type Step, sagaGraph, serviceNames } from '@skald/contracts';

/** An event of an order, from whoever told of it. */
export interface JourneyEvent {
  readonly event: string;
  readonly service: string;
  readonly topic: string;
  readonly sequence: number | null;
  /** Epoch ms. */
  readonly at: number;
  readonly partition?: number;
  readonly offset?: number;
  readonly recordedAt?: number;
  readonly id?: string | null;
  readonly causationId?: string | null;
  readonly traceId?: string | null;
  /** Why it changed nothing. */
  readonly ignored?: string;
}

/**
 * What an event is to its order:
 * - `step`: it goes forward
 * - `pivot`: from here on it only goes forward
 * - `refusal`: a step can't be done
 * - `compensation`: a step is taken back
 * - `note`: said beside another event, in the same transaction
 */
export type EventKind = 'step' | 'pivot' | 'refusal' | 'compensation' | 'note';

export interface JourneyRow extends JourneyEvent {
  readonly kind: EventKind;
  /** Which of its service's steps it was. */
  readonly verb: string | undefined;
  readonly lane: number;
  /** Rows above that it follows from. */
  readonly causes: readonly number[];
}

/** A step that all is there for, and that hasn't been taken. */
export interface DueStep {
  readonly service: ServiceName;
  readonly verb: string;
  readonly isCompensation: boolean;
  /** Since when, epoch ms. */
  readonly since: number;
}

export interface Journey {
  readonly rows: readonly JourneyRow[];
  readonly due: readonly DueStep[];
}

export const lanes: readonly ServiceName[] = serviceNames;

const has = (names: readonly EventName[], name: string): boolean => names.some((known) => known === name);
const outcomesOf = ({ publishes, onFailure }: Step): readonly EventName[] => [...publishes, ...onFailure];
const writersOf = (event: string): readonly Step[] =>
  sagaGraph.filter((step) => has(outcomesOf(step), event));

/** Names an event among those of its order. */
export const rowKey = ({ topic, sequence, partition, offset }: JourneyEvent): string =>
  `${topic}/${sequence ?? `${partition}/${offset}`}`;

/** Said beside another one: not the first that its step publishes. */
const isNote = (event: string): boolean => {
  const writers = writersOf(event);
  return writers.length > 0 && writers.every(({ publishes }) => publishes.indexOf(event as EventName) > 0);
};

/** One event may be known from several sides: who knows most of it counts. */
export function mergeEvents(...sources: readonly (readonly JourneyEvent[])[]): readonly JourneyEvent[] {
  const merged = new Map<string, JourneyEvent>();
  for (const event of sources.flat()) {
    const key = rowKey(event);
    merged.set(key, { ...merged.get(key), ...event });
  }
  return [...merged.values()];
}

/** The events in the order of time, each with what it follows from, and the steps that are to come next. */
export function tellJourney(events: readonly JourneyEvent[]): Journey {
  const sorted = [...events].sort(
    (a, b) => a.at - b.at || depthOf(a.event) - depthOf(b.event) || Number(a.sequence) - Number(b.sequence),
  );
  const rows = sorted.map((event, index): JourneyRow => {
    const writer = writersOf(event.event).find(({ service }) => service === event.service);
    return {
      ...event,
      kind: kindOf(event.event, writer),
      verb: writer?.verb,
      lane: Math.max(0, lanes.indexOf(event.service as ServiceName)),
      causes: causesOf(event, sorted.slice(0, index)),
    };
  });
  return { rows, due: dueSteps(sorted) };
}

function kindOf(event: string, writer: Step | undefined): EventKind {
  if (isNote(event)) return 'note';
  if (writer === undefined) return 'step';
  if (has(writer.onFailure, event)) return 'refusal';
  if (writer.kind === 'compensation') return 'compensation';
  return writer.kind === 'pivot' ? 'pivot' : 'step';
}

const depths = new Map<string, number>();

/** How many steps lie before an event: what has the same time is told in this order. */
function depthOf(event: string): number {
  const known = depths.get(event);
  if (known !== undefined) return known;
  depths.set(event, 0);
  const before = writersOf(event).flatMap(({ on }) => on);
  const depth = before.length === 0 ? Number(isNote(event)) : 2 + Math.max(...before.map(depthOf));
  depths.set(event, depth);
  return depth;
}

function causesOf(event: JourneyEvent, earlier: readonly JourneyEvent[]): number[] {
  const lastOf = (name: EventName): number => {
    const all = earlier.flatMap((other, index) => (other.event === name ? [index] : []));
    // Of several, the one of the same number: the first mail follows from the first notification.
    return (
      all.find((index) => earlier[index]?.sequence === event.sequence && all.length > 1) ?? all.at(-1) ?? -1
    );
  };
  const writers = writersOf(event.event);
  if (isNote(event.event)) {
    const besides = writers.flatMap(({ publishes }) => publishes.slice(0, 1)).map(lastOf);
    return [Math.max(...besides)].filter((index) => index >= 0);
  }
  return writers.flatMap(({ on, needs }) => {
    const found = on.map(lastOf).filter((index) => index >= 0);
    return needs === 'all' || found.length === 0 ? found : [Math.max(...found)];
  });
}

function dueSteps(events: readonly JourneyEvent[]): DueStep[] {
  const told = (name: EventName): readonly JourneyEvent[] => events.filter(({ event }) => event === name);
  const wasTold = (name: EventName): boolean => told(name).length > 0;
  const hasEnded = wasTold('OrderCancelled') || wasTold('OrderConfirmed');
  return sagaGraph.flatMap((step) => {
    const { service, verb, kind, on, needs } = step;
    if (kind === 'record' || on.length === 0) return [];
    const isCalledFor = needs === 'all' ? on.every(wasTold) : on.some(wasTold);
    const asked = Math.max(...on.map((name) => told(name).length));
    const answered = outcomesOf(step).slice(0, isNoteStep(step) ? 2 : undefined);
    const isAnswered =
      answered.reduce((sum, name) => sum + told(name).length, 0) >= (isNoteStep(step) ? asked : 1);
    if (!isCalledFor || isAnswered) return [];
    const isForward = kind === 'compensable' || kind === 'pivot';
    if (hasEnded && isForward) return [];
    const isCompensation = kind === 'compensation';
    if (isCompensation && on.some((name) => name === 'OrderCancelled') && !wasDone(step, wasTold)) return [];
    const since = Math.max(...on.flatMap(told).map(({ at }) => at));
    return [{ service, verb, isCompensation, since }];
  });
}

/** A step that is called for once for each note, as a mail is. */
const isNoteStep = ({ on }: Step): boolean => on.length > 0 && on.every(isNote) && on.length === 1;

/** Whether there is something that a compensation takes back. */
function wasDone({ service, verb }: Step, wasTold: (name: EventName) => boolean): boolean {
  const undone = sagaGraph.find((step) => step.service === service && step.undoneBy === verb);
  return undone?.publishes.some(wasTold) ?? false;
}
