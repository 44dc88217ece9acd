import { serviceNames } from '@skald/contracts';
import type { OrderStory, StoryStep } from './order-story.ts';
import { placeOf } from './recorded-event.ts';
import { type Colour, type Column, type Terminal, tableOf } from './terminal.ts';

const columns: readonly Column[] = [
  { title: 'after' },
  { title: 'where' },
  { title: 'what' },
  { title: 'service' },
  { title: 'state', paint: (cell) => (cell.includes('→') ? 'bold' : 'dim') },
  { title: 'rule', paint: colourOfRule },
];

/** The story for people: a line for each thing that a service took in. */
export function tableOfStory(story: OrderStory, terminal: Terminal): string {
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

function colourOfRule(cell: string): Colour | undefined {
  if (cell.startsWith('ignore')) return 'dim';
  if (cell.startsWith('poison') || cell.startsWith('waits')) return 'red';
  return cell.startsWith('remember') ? 'yellow' : undefined;
}
