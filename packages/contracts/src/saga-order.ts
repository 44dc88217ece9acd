import type { EventName } from './generated/events.ts';
import type { Step } from './saga-graph.ts';

/** All that a step may publish. */
export const outcomesOf = ({ publishes, onFailure }: Step): readonly EventName[] => [
  ...publishes,
  ...onFailure,
];

/** Every step that must have gone well for one to be called for. */
export const stepsBefore = (step: Step, graph: readonly Step[]): ReadonlySet<Step> =>
  closure(step, ({ on }) => graph.filter(({ publishes }) => publishes.some((event) => on.includes(event))));

/** Every step that may follow from one. */
export const stepsAfter = (step: Step, graph: readonly Step[]): ReadonlySet<Step> =>
  closure(step, (earlier) =>
    graph.filter(({ on }) => on.some((event) => outcomesOf(earlier).includes(event))),
  );

/** Every step that can be reached from one, itself aside. */
function closure(start: Step, next: (step: Step) => readonly Step[]): ReadonlySet<Step> {
  const seen = new Set<Step>();
  const waiting = [...next(start)];
  for (let step = waiting.pop(); step !== undefined; step = waiting.pop()) {
    if (step === start || seen.has(step)) continue;
    seen.add(step);
    waiting.push(...next(step));
  }
  return seen;
}
