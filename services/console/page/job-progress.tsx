import { count } from './format.ts';
import type { Job } from './job.ts';

/** How far a job is, what came of it, and what failed. */
export function JobProgress({ job }: { readonly job: Job | undefined }) {
  return (
    <div class="job" role="status" aria-label="What came of it">
      {job !== undefined && <Progress job={job} />}
    </div>
  );
}

function Progress({ job }: { readonly job: Job }) {
  const { action, isDry, total, done, failed, outcomes, failures, waitsFor, hasEnded, stopped } = job;
  return (
    <>
      <p>
        {action}
        {isDry && action !== 'try' && ', dry: nothing is changed'}
        {total > 1 && <progress max={total} value={done} aria-label={`${action}: done of ${count(total)}`} />}
      </p>
      <ul>
        {Object.entries(outcomes).map(([outcome, times]) => (
          <li key={outcome}>
            {outcome}
            {total > 1 && `: ${count(times)}`}
          </li>
        ))}
        {failures.map(({ deadLetter: { group, topic, partition, offset }, outcome }) => (
          <li key={`${group}/${topic}/${partition}/${offset}`} class="bad">
            {group}/{topic}/{partition}/{offset} {outcome}
          </li>
        ))}
        {waitsFor !== undefined && <li>waits for {waitsFor}</li>}
      </ul>
      <p class={hasEnded ? (failed > 0 || stopped !== null ? 'bad' : 'good') : ''}>
        {hasEnded && 'done: '}
        {count(done)}
        {(!hasEnded || done < total) && ` of ${count(total)}`}, failed: {count(failed)}
        {stopped !== null && ` – ${stopped}`}
      </p>
    </>
  );
}
