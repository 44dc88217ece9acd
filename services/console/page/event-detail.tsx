import { useSignal } from '@preact/signals';
import { type TopicName, topics } from '@skald/contracts';
import { useEffect } from 'preact/hooks';
import { ask } from './api.ts';
import { span, timeOfDay } from './format.ts';
import type { JourneyRow } from './journey.ts';
import { ProblemNote, Scroll } from './parts.tsx';
import { traceLink } from './session.ts';

type Content = { readonly name: string; readonly data: unknown } | { readonly undecodable: string };

/** All that is known of one event: where it lies, when it came, what it says. */
export function EventDetail({ row }: { readonly row: JourneyRow }) {
  const {
    event,
    service,
    topic,
    partition,
    offset,
    sequence,
    at,
    recordedAt,
    traceId,
    id,
    causationId,
    ignored,
  } = row;
  const trace = typeof traceId === 'string' ? traceLink(traceId) : undefined;
  const facts: readonly (readonly [string, preact.ComponentChildren])[] = [
    ['service', row.verb === undefined ? service : `${service}: ${row.verb}`],
    ['topic', topic],
    ['partition / offset', offset === undefined ? 'not remembered' : `${partition} / ${offset}`],
    ['sequence', sequence ?? '–'],
    ['at', `${timeOfDay(at)}.${String(Math.floor(at) % 1_000).padStart(3, '0')}`],
    ['in the log', recordedAt === undefined ? '–' : `${span(Math.max(0, recordedAt - at))} later`],
    ...(typeof traceId === 'string'
      ? [['trace', trace === undefined ? traceId : <a href={trace}>{traceId}</a>] as const]
      : []),
    ...(typeof id === 'string' ? [['id', id] as const] : []),
    ...(typeof causationId === 'string' ? [['causationId', causationId] as const] : []),
    ...(ignored === undefined ? [] : [['ignored', ignored] as const]),
  ];
  return (
    <section class="event-detail" aria-label={`Event ${event}`}>
      <h3>{event}</h3>
      <dl class="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Payload topic={topic} partition={partition} offset={offset} />
    </section>
  );
}

function Payload(props: {
  readonly topic: string;
  readonly partition: number | undefined;
  readonly offset: number | undefined;
}) {
  const { topic, partition, offset } = props;
  const content = useSignal<Content | undefined>(undefined);
  const problem = useSignal<unknown>(undefined);
  const isPersonal = topics[topic as TopicName]?.personalData === true;
  useEffect(() => {
    if (offset === undefined || isPersonal) return;
    ask<Content>(`/api/events/${topic}/${partition}/${offset}`).then(
      (read) => {
        content.value = read;
      },
      (error: unknown) => {
        problem.value = error;
      },
    );
  }, [topic, partition, offset]);
  if (isPersonal)
    return <p class="quiet">What travels in {topic} says something about a person, and isn’t shown.</p>;
  if (offset === undefined)
    return <p class="quiet">It happened before this console began to listen: the payload lies in {topic}.</p>;
  return (
    <>
      <ProblemNote error={problem.value} />
      {content.value !== undefined && (
        <Scroll label="Payload" class="payload">
          <pre>
            {'data' in content.value
              ? JSON.stringify(content.value.data, null, 2)
              : content.value.undecodable}
          </pre>
        </Scroll>
      )}
    </>
  );
}
