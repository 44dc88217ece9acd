import { parseMetrics } from './prometheus-text.ts';

/** What the auditor says, as `npm run audit -- --port` serves it. */
export type AuditVerdict =
  | { readonly state: 'away' | 'could not audit' }
  | {
      readonly state: 'audited';
      /** When the audit began, epoch ms. */
      readonly at: number;
      readonly seconds: number;
      readonly violations: number;
      readonly invariants: readonly {
        /** Its number in the design. */
        readonly invariant: string;
        /** The same in words. */
        readonly promise: string;
        readonly checked: number;
        readonly violations: number;
      }[];
      readonly orders: number;
      readonly inFlight: number;
      readonly stuck: number;
    };

export function createVerdictReader(
  url: string | undefined,
  patienceMs: number,
): () => Promise<AuditVerdict | null> {
  return async () => {
    if (url === undefined) return null;
    try {
      const answer = await fetch(`${url.replace(/\/+$/, '')}/metrics`, {
        signal: AbortSignal.timeout(patienceMs),
      });
      return verdictOf(await answer.text());
    } catch {
      return { state: 'away' };
    }
  };
}

function verdictOf(text: string): AuditVerdict {
  const samples = parseMetrics(text);
  const all = (wanted: string) => samples.filter(({ name }) => name === `skald_audit_${wanted}`);
  const total = (wanted: string) => all(wanted).reduce((sum, { value }) => sum + value, 0);
  if (total('up') !== 1) return { state: 'could not audit' };
  const found = new Map(all('violations').map(({ labels, value }) => [labels['invariant'] ?? '', value]));
  const promises = new Map(
    all('promise').map(({ labels }) => [labels['invariant'], labels['promise'] ?? '']),
  );
  const orders = all('orders');
  return {
    state: 'audited',
    at: total('timestamp_seconds') * 1_000,
    seconds: total('duration_seconds'),
    violations: total('violations'),
    invariants: all('checked').map(({ labels, value }) => ({
      invariant: labels['invariant'] ?? '',
      promise: promises.get(labels['invariant']) ?? '',
      checked: value,
      violations: found.get(labels['invariant'] ?? '') ?? 0,
    })),
    orders: orders.reduce((sum, { value }) => sum + value, 0),
    inFlight: orders.find(({ labels }) => labels['state'] === 'in flight')?.value ?? 0,
    stuck: total('stuck'),
  };
}
