import { type Column, type Look, type Paint, tableOf } from '@skald/command-line';
import { serviceNames } from '@skald/contracts';
import type { OrderStory, StoryStep } from './order-story.ts';
import { placeOf } from './recorded-event.ts';

const columns: readonly Column[] = [
  { title: 'after' },
  { title: 'where' },
  { title: 'what' },
  { title: 'service' },
  { title: 'state', paint: (cell, paint) => paint(cell.includes('→') ? 'bold' : 'dim', cell) },
  { title: 'rule', gives: true, paint: paintRule },
];

/** The story for people: a line for each thing that a service took in. */
export function tableOfStory(story: OrderStory, terminal: Look): string {
  const { paint } = terminal;
  const begun = Date.parse(story.begunAt);
  const until = story.until === null ? '' : `, as of ${story.until}`;
  const states = serviceNames.map((service) => `${service} ${paint('bold', story.states[service].state)}`);
  const lines = [
    `${paint('bold', story.orderId)}, begun at ${story.begunAt}${until}`,
    '',
    ...tableOf(
      columns,
      story.steps.map((step) => rowOf(step, begun)),
      terminal,
    ),
    '',
    states.join(' · '),
    ...story.doubts.map((doubt) => paint('yellow', `! ${doubt}`)),
  ];
  return `${lines.join('\n')}\n`;
}

function rowOf(step: StoryStep, begun: number): string[] {
  const { at, topic, partition, offset, name, service, before, after } = step;
  return [
    `${((Date.parse(at) - begun) / 1_000).toFixed(3)} s`,
    topic === null || partition === null || offset === null ? '' : placeOf({ topic, partition, offset }),
    step.kind === 'event' ? name : `(${step.kind}) ${name}`,
    service,
    before.state === after.state ? after.state : `${before.state} → ${after.state}`,
    ruleOf(step),
  ];
}

function ruleOf({ outcome, reason, publishes, asksFor }: StoryStep): string {
  const told = reason === null ? outcome : `${outcome}: ${reason}`;
  const parts = [
    told,
    ...(publishes.length > 0 ? [`publishes ${publishes.join(', ')}`] : []),
    ...(asksFor.length > 0 ? [`asks for ${asksFor.join(', ')}`] : []),
  ];
  return parts.join('; ');
}

function paintRule(cell: string, paint: Paint): string {
  if (cell.startsWith('ignore')) return paint('dim', cell);
  if (cell.startsWith('poison') || cell.startsWith('waits')) return paint('red', cell);
  return cell.startsWith('remember') ? paint('yellow', cell) : cell;
}
