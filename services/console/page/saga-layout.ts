import { type EventName, type ServiceName, type Step, sagaGraph, serviceNames } from '@skald/contracts';

/** A step of the saga, and where it is drawn: in the column of how far the saga is, in a row of its service. */
export interface PlacedStep {
  readonly step: Step;
  readonly column: number;
  readonly row: number;
}

/** What one step says, and another one reacts to. */
export interface SagaArrow {
  readonly from: PlacedStep;
  readonly to: PlacedStep;
  readonly events: readonly EventName[];
  /**
   * - `step`: what goes on
   * - `refusal`: a step can't be done
   * - `compensation`: it calls for taking back
   * - `note`: said beside another event
   */
  readonly kind: 'step' | 'refusal' | 'compensation' | 'note';
}

/** Rows of one service, from the top. */
export interface SagaBand {
  readonly service: ServiceName;
  readonly from: number;
  readonly rows: number;
}

export interface SagaLayout {
  readonly steps: readonly PlacedStep[];
  readonly arrows: readonly SagaArrow[];
  readonly bands: readonly SagaBand[];
  readonly columns: number;
  readonly rows: number;
}

/** Where each step of a saga is drawn. What only takes note, or tells of no order, is left out. */
export function layOutSaga(graph: readonly Step[] = sagaGraph): SagaLayout {
  const drawn = graph.filter((step) => step.kind !== 'record' && isOfOrders(step, graph));
  const columnOf = columnsOf(drawn);
  const bands: SagaBand[] = [];
  const steps: PlacedStep[] = [];
  let top = 0;
  for (const service of serviceNames) {
    // Steps that stand in one column lie below each other, and what takes back below what goes forward.
    const rowOf = (step: Step): number =>
      drawn
        .filter((other) => other.service === service && columnOf(other) === columnOf(step))
        .sort((a, b) => Number(a.kind === 'compensation') - Number(b.kind === 'compensation'))
        .indexOf(step);
    const own = drawn.filter((step) => step.service === service);
    if (own.length === 0) continue;
    const rows = 1 + Math.max(...own.map(rowOf));
    steps.push(...own.map((step) => ({ step, column: columnOf(step), row: top + rowOf(step) })));
    bands.push({ service, from: top, rows });
    top += rows;
  }
  return {
    steps,
    arrows: steps.flatMap((from) => steps.flatMap((to) => arrowsBetween(from, to))),
    bands,
    columns: 1 + Math.max(0, ...steps.map(({ column }) => column)),
    rows: top,
  };
}

/** Reference data travels beside the saga. */
const isOfOrders = (step: Step, graph: readonly Step[]): boolean =>
  step.on.length > 0 ||
  graph.some(({ kind, on }) => kind !== 'record' && on.some((event) => step.publishes.includes(event)));

/** How many steps lie before each, at most. */
function columnsOf(drawn: readonly Step[]): (step: Step) => number {
  const columns = new Map<Step, number>();
  const columnOf = (step: Step): number => {
    const known = columns.get(step);
    if (known !== undefined) return known;
    // A step that comes back to itself would never end: it counts once.
    columns.set(step, 0);
    const before = drawn.filter((other) => other !== step && eventsBetween(other, step).length > 0);
    const column = before.length === 0 ? 0 : 1 + Math.max(...before.map(columnOf));
    columns.set(step, column);
    return column;
  };
  return columnOf;
}

const eventsBetween = (from: Step, to: Step): readonly EventName[] =>
  [...from.publishes, ...from.onFailure].filter((event) => to.on.includes(event));

function arrowsBetween(from: PlacedStep, to: PlacedStep): SagaArrow[] {
  const events = eventsBetween(from.step, to.step);
  if (events.length === 0) return [];
  return [{ from, to, events, kind: kindOf(from.step, to.step, events) }];
}

function kindOf(from: Step, to: Step, events: readonly EventName[]): SagaArrow['kind'] {
  if (events.some((event) => from.onFailure.includes(event))) return 'refusal';
  if (to.kind === 'compensation') return 'compensation';
  return events.every((event) => from.publishes.indexOf(event) > 0) ? 'note' : 'step';
}
