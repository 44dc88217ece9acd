import type { AuditReport } from './audit.ts';
import type { Wait } from './case.ts';

/** How many of a kind are printed: the JSON has all. */
const SHOWN = 20;
/** Where there is a summary. */
const FEW = 5;

/** The report for people: one line for each promise, then what is violated, waits, is stuck, and how far back it goes. */
export function tableOf(report: AuditReport): string {
  const { totals, invariants, violations, inFlight, stuck, horizon, verdict } = report;
  const late = new Set(stuck);
  const moving = inFlight.filter((wait) => !late.has(wait));
  const lines = [
    ...invariants.map(({ invariant, promise, checked, verdict: found, note }) => {
      const about = note === undefined || found === 'ok' ? '' : `  (${note})`;
      return `${String(invariant).padStart(3)}  ${promise.padEnd(52)} ${String(checked).padStart(9)}  ${found}${about}`;
    }),
    '',
    ...section(
      'Violations',
      violations,
      ({ invariant, subject, says, kind }) =>
        `${String(invariant).padStart(3)}  ${subject}  ${says}${kind === 'wrong' ? '' : `  [${kind}]`}`,
    ),
    ...section('Stuck', stuck, (wait) => waitLine(wait, report), stepsOf(stuck, report)),
    ...section('In flight', moving, (wait) => waitLine(wait, report), stepsOf(moving, report)),
    ...section('Horizon', horizon, (line) => `     ${line}`),
    `${totals.orders} orders (${totals.settled} at rest), ${totals.records} records, of which ${totals.repeated} came again; ` +
      `${totals.deadLetters.open} open dead letters, ${totals.deadLetters.resolved} resolved`,
    `${totals.lost} lost, ${totals.duplicated} duplicated, ${totals.reordered} reordered, ` +
      `${totals.inFlight} in flight, ${totals.stuck} stuck: ${verdict} after ${(report.durationMs / 1_000).toFixed(1)} s`,
  ];
  return `${lines.join('\n')}\n`;
}

function section<Item>(
  title: string,
  items: readonly Item[],
  lineOf: (item: Item) => string,
  summary: readonly string[] = [],
): string[] {
  if (items.length === 0) return [];
  const shown = summary.length > 0 ? FEW : SHOWN;
  const more = items.length - shown;
  return [
    `${title} (${items.length})`,
    ...summary,
    ...items.slice(0, shown).map(lineOf),
    ...(more > 0 ? [`     … and ${more} more (--json has them all)`] : []),
    '',
  ];
}

/** How many wait for each step, and for how long at most. They come oldest first. */
function stepsOf(waits: readonly Wait[], report: AuditReport): string[] {
  const steps = new Map<string, { count: number; oldest: Wait }>();
  for (const wait of waits) {
    const step = `${wait.service}: ${wait.step}`;
    const known = steps.get(step);
    if (known) known.count += 1;
    else steps.set(step, { count: 1, oldest: wait });
  }
  return [...steps].map(
    ([step, { count, oldest }]) =>
      `  ${step.padEnd(52)} ${String(count).padStart(9)}  for ${secondsOf(oldest, report)} s at most`,
  );
}

function waitLine(wait: Wait, report: AuditReport): string {
  const { subject, service, step, because } = wait;
  return `     ${subject}  ${service}: ${step}, for ${secondsOf(wait, report)} s: ${because}`;
}

const secondsOf = ({ since }: Wait, { takenAt }: AuditReport): string =>
  Math.max(0, (Date.parse(takenAt) - since) / 1_000).toFixed(1);
