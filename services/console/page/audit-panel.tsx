import { count, timeOfDay } from './format.ts';
import { Panel } from './parts.tsx';
import type { AuditVerdict } from './vitals.ts';

/** What the independent witness says: `npm run audit -- --port`. */
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
          <span class="badge badge-away">{audit.state}</span> The auditor has no verdict to show.
        </p>
      )}
      {audit?.state === 'audited' && (
        <dl class="order-head">
          <div>
            <dt>verdict</dt>
            <dd>
              <span class={`badge ${audit.violations === 0 ? 'badge-ready' : 'badge-away'}`}>
                {audit.violations === 0 ? 'all promises kept' : `${count(audit.violations)} violations`}
              </span>
            </dd>
          </div>
          <div>
            <dt>at</dt>
            <dd>{timeOfDay(audit.at)}</dd>
          </div>
          <div>
            <dt>orders</dt>
            <dd>{count(audit.orders)}</dd>
          </div>
          <div>
            <dt>in flight</dt>
            <dd>{count(audit.inFlight)}</dd>
          </div>
          <div>
            <dt>stuck</dt>
            <dd>{count(audit.stuck)}</dd>
          </div>
          <div>
            <dt>broken invariants</dt>
            <dd>
              {audit.invariants
                .filter(({ violations }) => violations > 0)
                .map(({ invariant, violations }) => `${invariant} (${violations})`)
                .join(', ') || 'none'}
            </dd>
          </div>
        </dl>
      )}
    </Panel>
  );
}
