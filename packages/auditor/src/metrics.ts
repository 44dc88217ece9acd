import { Gauge, Registry } from 'prom-client';
import type { AuditReport } from './audit.ts';

/** The last audit as Prometheus metrics. */
export interface AuditMetrics {
  readonly registry: Registry;
  show(report: AuditReport): void;
  /** An audit could not be made. */
  fail(): void;
}

export function createAuditMetrics(): AuditMetrics {
  const registry = new Registry();
  const gauge = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Gauge<Label>({
      name: `skald_audit_${name}`,
      help,
      labelNames: [...labelNames],
      registers: [registry],
    });

  const up = gauge('up', '1 if the last audit could be made');
  const at = gauge('timestamp_seconds', 'When the last audit that could be made began, Unix time');
  const duration = gauge('duration_seconds', 'How long it took');
  const violations = gauge('violations', 'Violations, by the number of the invariant in the design', [
    'invariant',
  ]);
  const promised = gauge('promise', '1 for each promise that is looked at, in words', [
    'invariant',
    'promise',
  ]);
  const checked = gauge('checked', 'Things looked at for an invariant: 0 proves nothing', ['invariant']);
  const orders = gauge('orders', 'Orders, by whether anything still moves for them', ['state']);
  const stuck = gauge('stuck', 'Keys that wait for too long, by the step that waits', ['service', 'step']);
  const oldest = gauge('oldest_wait_seconds', 'How long the key has waited that has waited longest');
  const letters = gauge('dead_letters', 'Dead letters', ['state']);
  const repeated = gauge('repeated_records', 'Records that came again, as they may');
  const outbox = gauge('outbox_waiting', 'Events that Kafka has not acknowledged', ['service']);

  return {
    registry,
    show({ takenAt, durationMs, invariants, totals, stuck: waits, inFlight, outboxes, violations: found }) {
      const since = Date.parse(takenAt);
      up.set(1);
      at.set(since / 1_000);
      duration.set(durationMs / 1_000);
      for (const { invariant, promise, checked: count, verdict } of invariants) {
        if (verdict === 'not from outside') continue;
        promised.set({ invariant, promise }, 1);
        checked.set({ invariant }, count);
        violations.set({ invariant }, found.filter((violation) => violation.invariant === invariant).length);
      }
      orders.set({ state: 'settled' }, totals.settled);
      orders.set({ state: 'in flight' }, totals.orders - totals.settled);
      stuck.reset();
      for (const { service, step } of waits) stuck.inc({ service, step });
      oldest.set(inFlight[0] === undefined ? 0 : Math.max(0, (since - inFlight[0].since) / 1_000));
      letters.set({ state: 'open' }, totals.deadLetters.open);
      letters.set({ state: 'resolved' }, totals.deadLetters.resolved);
      repeated.set(totals.repeated);
      for (const [service, { waiting }] of Object.entries(outboxes)) outbox.set({ service }, waiting);
    },
    fail: () => up.set(0),
  };
}
