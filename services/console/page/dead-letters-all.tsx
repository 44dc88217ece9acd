import { useSignal } from '@preact/signals';
import { ActButtons, Actor, isNamed } from './act-buttons.tsx';
import { allThatMatch, type Because, type Filter } from './dead-letters-client.ts';
import { count } from './format.ts';
import { JobProgress } from './job-progress.tsx';
import { ProblemNote } from './parts.tsx';
import { useJob } from './use-job.ts';

/** What is done to all dead letters that match the list's filter and are open, with its progress. */
export function AllThatMatch(props: {
  readonly filter: Filter;
  /** How many the list counts. */
  readonly total: number;
  readonly onDone: () => void;
}) {
  const isOpen = useSignal(false);
  const because = useSignal<Because>({ by: '', reason: '' });
  const running = useJob(allThatMatch(props.filter), because.value, props.onDone);
  // Once it is done none is open any more, and what came of it is still to be seen.
  if (props.total === 0 && running.job.value === undefined) return null;
  const what = `all ${count(props.total)} that match`;
  return (
    <details
      class="all-that-match"
      onToggle={({ currentTarget }) => {
        isOpen.value = currentTarget.open;
      }}
    >
      <summary>Try, redrive or discard {what}</summary>
      {isOpen.value && (
        <section class="acts" aria-label="What to do with all that match">
          <Actor because={because} />
          <ActButtons running={running} isNamed={isNamed(because.value)} what={what} />
          <ProblemNote error={running.problem.value} />
          <JobProgress job={running.job.value} />
        </section>
      )}
    </details>
  );
}
