import type { ReadModelReport } from './main.ts';

/** One line a question, the stores beside each other. */
export function renderReadModel({ orders, times, machine, loadAfter, stores }: ReadModelReport): string {
  const head = ['', ...stores.flatMap(({ name }) => [`${name} p50`, 'p99', 'max, ms'])];
  const questions = stores[0]?.answers.map(({ question }) => question) ?? [];
  const rows = questions.map((question, index) => [
    question,
    ...stores.flatMap(({ answers }) => {
      const took = answers[index]?.took;
      return took === undefined ? ['–', '–', '–'] : [took.p50, took.p99, took.max].map((ms) => ms.toFixed(1));
    }),
  ]);
  const filled = stores.map(
    ({ name, version, rate }) => `${name} ${version}: ${Math.round(rate)} orders/s taken in`,
  );
  const scanned = stores.flatMap(({ answers }) =>
    answers.flatMap(({ question, scans = [] }) => scans.map((table) => `${question} reads all of ${table}`)),
  );
  const isExplained = stores.some(({ answers }) => answers.some(({ scans }) => scans !== undefined));
  const plans = scanned.length > 0 ? scanned : isExplained ? ['Postgres plans no sequential scan'] : [];
  return [
    `${machine.cores} cores (${machine.model}), ${machine.memoryGiB} GiB, load ${machine.loadBefore} before, ${loadAfter} after`,
    `${orders} orders; each question ${times} times, one after the other`,
    ...filled,
    '',
    ...toTable([head, ...rows]),
    '',
    ...plans,
    '',
  ].join('\n');
}

function toTable(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  '),
  );
}
