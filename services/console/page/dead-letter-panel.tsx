import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { DeadLetterActs } from './dead-letter-acts.tsx';
import { type DeadLetterDetail, type Identity, readDeadLetter } from './dead-letters-client.ts';
import { Panel, ProblemNote, Scroll } from './parts.tsx';
import { linkTo } from './route.ts';

/** What was done is heard of through the log: it takes a moment until it shows. */
const SHOWS_WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 400;

/** One dead letter: what it says, why it could not be taken in, and what can be done about it. */
export function DeadLetterPanel({ id }: { readonly id: Identity }) {
  const detail = useSignal<DeadLetterDetail | undefined>(undefined);
  const problem = useSignal<unknown>(undefined);
  const load = async () => {
    try {
      detail.value = await readDeadLetter(id);
      problem.value = undefined;
    } catch (error) {
      problem.value = error;
    }
  };
  const shown = useRef(0);
  useEffect(() => {
    void load();
    return () => {
      shown.current += 1;
    };
  }, [id.group, id.topic, id.partition, id.offset]);
  const loadUntilDone = async () => {
    const of = shown.current;
    const until = Date.now() + SHOWS_WITHIN_MS;
    do {
      await load();
      if (detail.value?.deadLetter.state !== 'open') return;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    } while (shown.current === of && Date.now() < until);
  };
  const found = detail.value;
  return (
    <Panel
      title={`${id.group}/${id.topic}/${id.partition}/${id.offset}`}
      class="dead-letter"
      aside={<a href={linkTo('operate')}>Close</a>}
    >
      <ProblemNote error={problem.value} />
      {found !== undefined && (
        <>
          <Facts detail={found} />
          <Value detail={found} />
          <DeadLetterActs
            id={id}
            detail={found}
            onDone={() => void loadUntilDone()}
            onEdited={() => void load()}
          />
        </>
      )}
    </Panel>
  );
}

function Facts({
  detail: { deadLetter, parking, traceUrl, missing },
}: {
  readonly detail: DeadLetterDetail;
}) {
  const { event, key, error, attempts, state, resolvedBy, resolvedBecause } = deadLetter;
  const facts: readonly (readonly [string, preact.ComponentChildren])[] = [
    ['state', resolvedBy === null ? state : `${state} by ${resolvedBy}: ${resolvedBecause ?? ''}`],
    ['event', event ?? '–'],
    ['key', <a href={linkTo('watch', key)}>{key}</a>],
    ['attempts', attempts],
    ...(parking === null ? [] : [['messages of its key parked', parking.queue.length] as const]),
    ...(traceUrl === null ? [] : [['trace', <a href={traceUrl}>{traceUrl}</a>] as const]),
  ];
  return (
    <>
      <p class="error-line">
        <strong>{error.code}</strong> {error.text}
      </p>
      <dl class="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {missing.map((what) => (
        <p key={what} class="quiet">
          {what}
        </p>
      ))}
    </>
  );
}

function Value({ detail: { content, headers, rawValue, stack } }: { readonly detail: DeadLetterDetail }) {
  return (
    <>
      {'undecodable' in content && (
        <>
          <p>{content.undecodable}</p>
          <Scroll label="Value, base64" class="payload">
            <pre>{rawValue ?? 'no value'}</pre>
          </Scroll>
        </>
      )}
      <details>
        <summary>Headers{stack === null ? '' : ' and stack'}</summary>
        <dl class="facts">
          {Object.entries(headers).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        {stack !== null && (
          <Scroll label="Stack" class="payload">
            <pre>{stack}</pre>
          </Scroll>
        )}
      </details>
    </>
  );
}
