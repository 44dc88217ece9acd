import { count, span, timeOfDay } from './format.ts';
import { Panel } from './parts.tsx';
import type { AuditVerdict } from './vitals.ts';

type Audited = Extract<AuditVerdict, { readonly state: 'audited' }>;

/** What the independent witness says: `npm run audit`. */
export function AuditPanel({ audit }: { readonly audit: AuditVerdict | null }) {
  return (
    <Panel title="Auditor’s verdict" class="audit">
      {audit === null && (
        <p class="quiet">
          No auditor is configured: <code>AUDITOR_URL</code> names one that runs by{' '}
          <code>npm run audit -- --every … --port …</code>
        </p>
      )}
      {audit !== null && audit.state !== 'audited' && (
        <p>
          <span class="badge badge-not">{audit.state}</span> The auditor has no verdict to show yet, or can’t
          be asked.
        </p>
      )}
      {audit?.state === 'audited' && <Verdict audit={audit} />}
    </Panel>
  );
}

function Verdict({ audit }: { readonly audit: Audited }) {
  const { at, seconds, violations, invariants, orders, inFlight, stuck } = audit;
  const facts: readonly (readonly [name: string, value: string])[] = [
    ['at', timeOfDay(at)],
    ['took', span(seconds * 1_000)],
    ['orders', count(orders)],
    ['in flight', count(inFlight)],
    ['stuck', count(stuck)],
  ];
  return (
    <>
      <dl class="order-head">
        <div>
          <dt>verdict</dt>
          <dd>
            <span class={`badge ${violations === 0 ? 'badge-ready' : 'badge-away'}`}>
              {violations === 0 ? 'all promises kept' : `${count(violations)} violations`}
            </span>
          </dd>
        </div>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <BrokenPromises audit={audit} />
      <details>
        <summary>What was looked at: {invariants.length} promises</summary>
        <ul class="promises">
          {invariants.map(({ invariant, promise, checked }) => (
            <li key={invariant}>
              {invariant}. {promise}: {checked === 0 ? 'nothing to check' : `${count(checked)} looked at`}
            </li>
          ))}
        </ul>
      </details>
    </>
  );
}

function BrokenPromises({ audit: { invariants } }: { readonly audit: Audited }) {
  const broken = invariants.filter(({ violations }) => violations > 0);
  if (broken.length === 0) return null;
  return (
    <>
      <ul class="promises" aria-label="Broken promises">
        {broken.map(({ invariant, promise, violations }) => (
          <li key={invariant} class="bad">
            {invariant}. {promise}: {count(violations)} violations
          </li>
        ))}
      </ul>
      <p class="quiet">
        <code>npm run audit</code> says where each of them shows.
      </p>
    </>
  );
}
