import type { AuditReport } from './audit.ts';
import type { Wait } from './case.ts';

/** How many of a kind are printed: the JSON has all. */
const SHOWN = 20;

/** The report for people: one line for each promise, then what is violated, waits, is stuck, and how far back it goes. */
export function tableOf(report: AuditReport): string {
  const { totals, invariants, violations, inFlight, stuck, horizon, verdict } = report;
  const lines = [
    ...invariants.map(({ invariant, promise, checked, verdict: found, note }) => {
      const about = note === undefined || found === 'ok' ? '' : `  (${note})`;
      return `${String(invariant).padStart(3)}  ${promise.padEnd(52)} ${String(checked).padStart(9)}  ${found}${about}`;
    }),
    '',
    ...section('Violations', violations, ({ invariant, subject, says, kind }) =>
      `${String(invariant).padStart(3)}  ${subject}  ${says}${kind === 'wrong' ? '' : `  [${kind}]`}`,
    ),
    ...section('Stuck', stuck, (wait) => waitLine(wait, report)),
    ...section(
      'In flight',
      inFlight.filter((wait) => !stuck.includes(wait)),
      (wait) => waitLine(wait, report),
    ),
    ...section('Horizon', horizon, (line) => `     ${line}`),
    `${totals.orders} orders (${totals.settled} at rest), ${totals.records} records, of which ${totals.repeated} came again; ` +
      `${totals.deadLetters.open} open dead letters, ${totals.deadLetters.resolved} resolved`,
    `${totals.lost} lost, ${totals.duplicated} duplicated, ${totals.reordered} reordered, ` +
      `${totals.inFlight} in flight, ${totals.stuck} stuck: ${verdict} after ${(report.durationMs / 1_000).toFixed(1)} s`,
  ];
  return `${lines.join('\n')}\n`;
}

function section<Item>(title: string, items: readonly Item[], lineOf: (item: Item) => string): string[] {
  if (items.length === 0) return [];
  const more = items.length - SHOWN;
  return [
    `${title} (${items.length})`,
    ...items.slice(0, SHOWN).map(lineOf),
    ...(more > 0 ? [`     … and ${more} more (--json has them all)`] : []),
    '',
  ];
}

function waitLine({ subject, service, step, because, since }: Wait, { takenAt }: AuditReport): string {
  const seconds = Math.max(0, (Date.parse(takenAt) - since) / 1_000).toFixed(1);
  return `     ${subject}  ${service}: ${step}, for ${seconds} s: ${because}`;
}
