import type { ComponentChildren } from 'preact';
import { ApiProblem } from './api.ts';
import type { Status } from './order-status.ts';

/** What was refused, and why, field by field. */
export function ProblemNote({ error }: { readonly error: unknown }) {
  if (error === undefined || error === null) return null;
  const problem = error instanceof ApiProblem ? error.body : undefined;
  return (
    <div class="problem" role="alert">
      <strong>
        {problem?.title ?? 'Error'}
        {problem !== undefined && problem.status > 0 && <span class="problem-status">{problem.status}</span>}
      </strong>
      <p>{problem?.detail ?? (error instanceof Error ? error.message : 'It failed')}</p>
      {problem?.errors !== undefined && (
        <ul>
          {problem.errors.map(({ pointer, detail }) => (
            <li key={pointer}>
              <code>{pointer}</code> {detail}
            </li>
          ))}
        </ul>
      )}
      {problem?.traceId !== undefined && <p class="quiet">Trace {problem.traceId}</p>}
    </div>
  );
}

export function StatusBadge({
  status,
  reason,
}: {
  readonly status: Status;
  readonly reason?: string | undefined;
}) {
  return (
    <span class={`badge badge-${status.toLowerCase()}`}>
      {status}
      {reason !== undefined && <span class="badge-reason"> {reason}</span>}
    </span>
  );
}

export function Panel(props: {
  readonly title: string;
  readonly aside?: ComponentChildren;
  readonly class?: string;
  readonly children: ComponentChildren;
}) {
  const id = `panel-${props.title.toLowerCase().replaceAll(/[^a-z]+/g, '-')}`;
  return (
    <section class={`panel ${props.class ?? ''}`} aria-labelledby={id}>
      <header class="panel-head">
        <h2 id={id}>{props.title}</h2>
        {props.aside}
      </header>
      {props.children}
    </section>
  );
}

/** One of few, as buttons in a row. */
export function Choice<Value extends string>(props: {
  readonly label: string;
  readonly values: readonly Value[];
  readonly chosen: Value;
  readonly nameOf?: (value: Value) => string;
  /** How many there are of it, where that is known. */
  readonly countOf?: (value: Value) => string | undefined;
  readonly onChoose: (value: Value) => void;
}) {
  return (
    <fieldset class="choice">
      <legend class="unseen">{props.label}</legend>
      {props.values.map((value) => (
        <button
          type="button"
          key={value}
          aria-pressed={value === props.chosen}
          onClick={() => props.onChoose(value)}
        >
          {props.nameOf?.(value) ?? value}
          <ChoiceCount count={props.countOf?.(value)} />
        </button>
      ))}
    </fieldset>
  );
}

const ChoiceCount = ({ count }: { readonly count: string | undefined }) =>
  count === undefined ? null : <span class="choice-count"> {count}</span>;

/** What may be wider or longer than its place. */
export function Scroll(props: {
  readonly label: string;
  readonly class?: string;
  readonly children: ComponentChildren;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: else it could not be scrolled by the keyboard
    <section class={props.class ?? 'scroll'} aria-label={props.label} tabIndex={0}>
      {props.children}
    </section>
  );
}
