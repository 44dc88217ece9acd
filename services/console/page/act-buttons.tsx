import type { Signal } from '@preact/signals';
import type { Because } from './dead-letters-client.ts';
import type { RunningJob } from './use-job.ts';

export const isNamed = ({ by, reason }: Because): boolean => by.trim() !== '' && reason.trim() !== '';

/** Who does it, and why: both go into the audit log. */
export function Actor({ because }: { readonly because: Signal<Because> }) {
  return (
    <div class="actor">
      {(['by', 'reason'] as const).map((name) => (
        <label key={name}>
          {name}
          <input
            value={because.value[name]}
            maxLength={1_000}
            onInput={({ currentTarget }) => {
              because.value = { ...because.value, [name]: currentTarget.value };
            }}
          />
        </label>
      ))}
    </div>
  );
}

/** First dry, and then for good. `what`: "it", "all 12 that match". */
export function ActButtons(props: {
  readonly running: RunningJob;
  readonly isNamed: boolean;
  readonly what: string;
}) {
  const { running, what } = props;
  const { proven, isUnderWay } = running;
  const isFree = !isUnderWay.value;
  return (
    <>
      <div class="buttons">
        <button type="button" disabled={!isFree} onClick={() => void running.run('try', true)}>
          Try
        </button>
        {(['redrive', 'discard'] as const).map((act) => (
          <button
            type="button"
            key={act}
            disabled={!isFree || !props.isNamed}
            onClick={() => void running.run(act, true)}
          >
            {act === 'redrive' ? 'Redrive' : 'Discard'}: dry run
          </button>
        ))}
        {proven.value !== undefined && (
          <button
            type="button"
            class={proven.value === 'discard' ? 'danger' : 'primary'}
            disabled={!isFree || !props.isNamed}
            onClick={() => proven.value !== undefined && void running.run(proven.value, false)}
          >
            {proven.value === 'discard' ? 'Discard' : 'Redrive'} {what}
          </button>
        )}
        {!isFree && (
          <button type="button" onClick={running.stop}>
            Stop
          </button>
        )}
      </div>
      {!props.isNamed && <p class="quiet">To redrive, discard or edit, say who does it, and why.</p>}
    </>
  );
}
