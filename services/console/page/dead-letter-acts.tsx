import { useSignal } from '@preact/signals';
import { loadDeadLetters } from './dead-letters.tsx';
import {
  type Act,
  act,
  type DeadLetterDetail,
  editDeadLetter,
  type Identity,
  type JobLine,
} from './dead-letters-client.ts';
import { ProblemNote } from './parts.tsx';

interface Props {
  readonly id: Identity;
  readonly detail: DeadLetterDetail;
  readonly onDone: () => void;
}

/** Who acts and why goes into the audit log; and nothing is done that wasn't shown dry before. */
export function DeadLetterActs({ id, detail, onDone }: Props) {
  const by = useSignal('');
  const reason = useSignal('');
  const lines = useSignal<readonly JobLine[]>([]);
  const proven = useSignal<Act | undefined>(undefined);
  const problem = useSignal<unknown>(undefined);
  const isUnderWay = useSignal(false);

  const run = async (which: Act, dryRun: boolean) => {
    lines.value = [];
    problem.value = undefined;
    proven.value = undefined;
    isUnderWay.value = true;
    try {
      await act(which, [id], { dryRun, by: by.value, reason: reason.value }, (line) => {
        lines.value = [...lines.value, line];
      });
      if (dryRun && which !== 'try') proven.value = which;
      if (!dryRun) await loadDeadLetters();
      if (!dryRun) onDone();
    } catch (error) {
      problem.value = error;
    }
    isUnderWay.value = false;
  };

  const isOpen = detail.deadLetter.state === 'open';
  const isNamed = by.value.trim() !== '' && reason.value.trim() !== '';
  return (
    <section class="acts" aria-label="What to do">
      {isOpen && (
        <>
          <div class="actor">
            <Field name="by" value={by.value} onInput={(value) => (by.value = value)} />
            <Field name="reason" value={reason.value} onInput={(value) => (reason.value = value)} />
          </div>
          {'data' in detail.content && (
            <Editor
              data={detail.content.data}
              isNamed={isNamed}
              save={(data) => editDeadLetter(id, data, { by: by.value, reason: reason.value })}
              onSaved={onDone}
            />
          )}
          <div class="buttons">
            <button type="button" disabled={isUnderWay.value} onClick={() => void run('try', true)}>
              Try
            </button>
            <button
              type="button"
              disabled={isUnderWay.value || !isNamed}
              onClick={() => void run('redrive', true)}
            >
              Redrive: dry run
            </button>
            <button
              type="button"
              disabled={isUnderWay.value || !isNamed}
              onClick={() => void run('discard', true)}
            >
              Discard: dry run
            </button>
            {proven.value !== undefined && (
              <button
                type="button"
                class={proven.value === 'discard' ? 'danger' : 'primary'}
                disabled={!isNamed}
                onClick={() => proven.value !== undefined && void run(proven.value, false)}
              >
                {proven.value === 'discard' ? 'Discard it' : 'Redrive it'}
              </button>
            )}
          </div>
          {!isNamed && <p class="quiet">To redrive, discard or edit, say who does it, and why.</p>}
        </>
      )}
      <ProblemNote error={problem.value} />
      <JobLines lines={lines.value} />
    </section>
  );
}

const Field = (props: {
  readonly name: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
}) => (
  <label>
    {props.name}
    <input
      value={props.value}
      maxLength={1_000}
      onInput={({ currentTarget }) => props.onInput(currentTarget.value)}
    />
  </label>
);

function Editor(props: {
  readonly data: unknown;
  readonly isNamed: boolean;
  readonly save: (data: unknown) => Promise<unknown>;
  readonly onSaved: () => void;
}) {
  const before = JSON.stringify(props.data, null, 2);
  const text = useSignal(before);
  const problem = useSignal<unknown>(undefined);
  const note = useSignal('');
  const save = async () => {
    note.value = '';
    try {
      await props.save(JSON.parse(text.value));
      problem.value = undefined;
      note.value = 'Edited. It is redriven with this value.';
      props.onSaved();
    } catch (error) {
      problem.value = error;
    }
  };
  return (
    <div class="editor">
      <label>
        value
        <textarea
          rows={Math.min(16, before.split('\n').length + 1)}
          spellcheck={false}
          value={text.value}
          onInput={({ currentTarget }) => {
            text.value = currentTarget.value;
          }}
        />
      </label>
      <button
        type="button"
        class="minor"
        disabled={!props.isNamed || text.value === before}
        onClick={() => void save()}
      >
        Save the edited value
      </button>
      <span class="quiet" role="status">
        {note.value}
      </span>
      <ProblemNote error={problem.value} />
    </div>
  );
}

function JobLines({ lines }: { readonly lines: readonly JobLine[] }) {
  return (
    <div role="status" aria-label="What came of it">
      <ul class="job">
        {lines.map((line, index) => (
          <li key={index} class={line.type === 'result' ? (line.failed ? 'bad' : 'good') : ''}>
            {tell(line)}
          </li>
        ))}
      </ul>
    </div>
  );
}

function tell(line: JobLine): string {
  if (line.type === 'start') return `${line.action}${line.dryRun ? ', dry: nothing is changed' : ''}`;
  if (line.type === 'waiting') return `waits for ${line.for}: ${line.because}`;
  if (line.type === 'result') return line.outcome;
  return line.stopped ?? `done: ${line.done}, failed: ${line.failed}`;
}
