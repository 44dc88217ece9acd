import type { Verdict } from './gate.ts';

const STATES: Readonly<Record<Verdict['state'], string>> = {
  unchanged: 'as released',
  changed: 'changed',
  new: 'new',
  gone: 'gone',
};

/** The gate's findings as a table, followed by each refusal and by what is not released yet. */
export function renderVerdicts(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(({ subject, released, state, refusals }) => [
    refusals.length === 0 ? 'ok' : 'REFUSED',
    subject,
    String(released),
    STATES[state],
  ]);
  const refused = verdicts.flatMap(({ subject, refusals }) =>
    refusals.map(
      ({ version, field, reason }) => `  ${subject}, version ${version}: ${field && `${field}: `}${reason}`,
    ),
  );
  return [
    table([['', 'subject', 'released', 'today'], ...rows]),
    ...(refused.length > 0 ? ['', 'Refused, because of what is released:', ...refused] : []),
    ...summary(verdicts),
    '',
  ].join('\n');
}

function summary(verdicts: readonly Verdict[]): readonly string[] {
  if (verdicts.some(({ refusals }) => refusals.length > 0)) return [];
  const waiting = verdicts.filter(({ state }) => state === 'new' || state === 'changed');
  if (waiting.length === 0) return ['', 'Every schema is as released'];
  const subjects = waiting.map(({ subject, released }) => `  ${subject}, version ${released + 1}`);
  return ['', 'Compatible, not released yet (--release adds them):', ...subjects];
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
