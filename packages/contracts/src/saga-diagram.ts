import type { ServiceName } from './catalogue.ts';
import type { EventName } from './generated/events.ts';
import { type Asker, type Step, type StepKind, sagaGraph } from './saga-graph.ts';

/** The saga as a Mermaid flowchart: a box a step, an arrow an event; dotted arrows are what goes wrong. */
export function renderSagaDiagram(graph: readonly Step[] = sagaGraph): string {
  const drawn = graph.filter(({ kind }) => kind !== 'record').filter((step) => isOfOrders(step, graph));
  const askers = [...new Set(drawn.flatMap(({ askedBy }) => askedBy ?? []))];
  return [
    'flowchart LR',
    ...askers.map((asker) => `  ${asker}([${ASKERS[asker]}])`),
    ...drawn.map((step) => `  ${idOf(step)}${box(step)}`),
    ...drawn.flatMap((step) => (step.askedBy ?? []).map((asker) => `  ${asker} --> ${idOf(step)}`)),
    ...drawn.flatMap((step) => arrowsFrom(step, drawn)),
    ...endings(drawn),
    ...(Object.keys(STYLES) as ServiceName[]).map((service) => `  classDef ${service} ${STYLES[service]}`),
    '',
  ].join('\n');
}

/** The saga as a Markdown table: what DESIGN calls for, in words. */
export function renderSagaTable(graph: readonly Step[] = sagaGraph): string {
  const rows = graph.map((step) => [
    [...(step.askedBy ?? []).map((asker) => ASKERS[asker]), ...list(step)].join(', '),
    `${step.service}: ${step.verb}`,
    KINDS[step.kind] + (step.undoneBy === undefined ? '' : ` by ${step.undoneBy}`),
    step.publishes.join(', ') || '–',
    step.onFailure.join(', ') || '–',
  ]);
  const head = ['on', 'who does what', 'can be', 'publishes', 'or, if it fails'];
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

const ASKERS: Readonly<Record<Asker, string>> = {
  customer: 'a customer',
  deadline: 'a deadline',
  warehouse: 'the warehouse',
};

const KINDS: Readonly<Record<StepKind, string>> = {
  compensable: 'undone',
  pivot: '**the pivot**: nothing is undone from here on',
  retriable: 'late, never refused',
  compensation: 'an undoing itself',
  record: 'a note only',
};

const STYLES: Readonly<Record<ServiceName, string>> = {
  order: 'fill:#dbeafe,stroke:#2563eb,color:#111827',
  inventory: 'fill:#dcfce7,stroke:#16a34a,color:#111827',
  payment: 'fill:#fef3c7,stroke:#d97706,color:#111827',
  shipping: 'fill:#fae8ff,stroke:#a21caf,color:#111827',
  email: 'fill:#f3f4f6,stroke:#6b7280,color:#111827',
};

const idOf = ({ service, verb }: Step): string => `${service}_${verb}`;

/** Hexagon: the pivot. Rounded: a compensation. */
function box(step: Step): string {
  const label = `"${step.service}: ${words(step.verb)}"`;
  const shape =
    step.kind === 'pivot' ? `{{${label}}}` : step.kind === 'compensation' ? `(${label})` : `[${label}]`;
  return `${shape}:::${step.service}`;
}

/** `callOff` → `call off` */
const words = (verb: string): string => verb.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

function list({ on, needs }: Step): readonly string[] {
  return needs === 'all' && on.length > 1 ? [on.join(' and ')] : on;
}

/** One arrow for each pair of steps, so that the picture stays readable. */
function arrowsFrom(step: Step, drawn: readonly Step[]): string[] {
  return drawn.flatMap((target) => {
    const good = step.publishes.filter((event) => target.on.includes(event));
    const bad = step.onFailure.filter((event) => target.on.includes(event));
    return [
      ...(good.length > 0 ? [`  ${idOf(step)} -->|${good.join(', ')}| ${idOf(target)}`] : []),
      ...(bad.length > 0 ? [`  ${idOf(step)} -.->|${bad.join(', ')}| ${idOf(target)}`] : []),
    ];
  });
}

/** Events that no drawn step reads: where a way through the saga ends. */
function endings(drawn: readonly Step[]): string[] {
  const isRead = (event: EventName): boolean => drawn.some(({ on }) => on.includes(event));
  return drawn.flatMap((step) => [
    ...step.publishes
      .filter((event) => !isRead(event))
      .map((event) => `  ${idOf(step)} --> ${event}([${event}])`),
    ...step.onFailure
      .filter((event) => !isRead(event))
      .map((event) => `  ${idOf(step)} -.-> ${event}([${event}])`),
  ]);
}

/** Reference data travels beside the saga: not drawn. */
function isOfOrders(step: Step, graph: readonly Step[]): boolean {
  return (
    graph.some(
      (other) => other.kind !== 'record' && other.on.some((event) => step.publishes.includes(event)),
    ) || step.on.length > 0
  );
}
