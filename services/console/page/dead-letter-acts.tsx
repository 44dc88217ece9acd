import { useSignal } from '@preact/signals';
import { ActButtons, Actor, isNamed } from './act-buttons.tsx';
import { loadDeadLetters } from './dead-letters.tsx';
import {
  type Because,
  type DeadLetterDetail,
  editDeadLetter,
  type Identity,
  oneByOne,
} from './dead-letters-client.ts';
import { JobProgress } from './job-progress.tsx';
import { ProblemNote } from './parts.tsx';
import { useJob } from './use-job.ts';

interface Props {
  readonly id: Identity;
  readonly detail: DeadLetterDetail;
  readonly onDone: () => void;
  readonly onEdited: () => void;
}

/** Who acts and why goes into the audit log; and nothing is done that wasn't shown dry before. */
export function DeadLetterActs({ id, detail, onDone, onEdited }: Props) {
  const because = useSignal<Because>({ by: '', reason: '' });
  const running = useJob(oneByOne(id), because.value, () => {
    void loadDeadLetters();
    onDone();
  });
  const isOpen = detail.deadLetter.state === 'open';
  return (
    <section class="acts" aria-label="What to do">
      {isOpen && (
        <>
          <Actor because={because} />
          {'data' in detail.content && (
            <Editor
              data={detail.content.data}
              isNamed={isNamed(because.value)}
              save={(data) => editDeadLetter(id, data, because.value)}
              onSaved={onEdited}
            />
          )}
          <ActButtons running={running} isNamed={isNamed(because.value)} what="it" />
        </>
      )}
      <ProblemNote error={running.problem.value} />
      <JobProgress job={running.job.value} />
    </section>
  );
}

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
