import { cut, type Look, type Paint, printable } from './terminal.ts';

export interface Column {
  readonly title: string;
  /** Numbers stand to the right. */
  readonly isNumber?: boolean;
  /** Takes what is too wide for the terminal upon itself. */
  readonly gives?: boolean;
  /** Paints a cell, by what stands in it. */
  readonly paint?: (cell: string, paint: Paint) => string;
}

const GAP = '  ';
/** No column that gives becomes narrower. */
const NARROWEST = 6;

/** A table as lines: as wide as it must be, but no wider than the terminal where columns can give. */
export function tableOf(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  { width, paint }: Look,
): string[] {
  const cells = rows.map((row) => row.map(printable));
  const widths = fit(
    columns,
    columns.map(({ title }, at) => Math.max(title.length, ...cells.map((row) => lengthOf(row[at] ?? '')))),
    width,
  );
  const line = (row: readonly string[], painted: (at: number, text: string) => string) =>
    row
      .map((cell, at) => {
        const text = cut(cell, widths[at] ?? 0);
        const padding = ' '.repeat(Math.max(0, (widths[at] ?? 0) - lengthOf(text)));
        const isLast = at === columns.length - 1;
        const done = painted(at, text);
        return columns[at]?.isNumber ? padding + done : done + (isLast ? '' : padding);
      })
      .join(GAP);
  const titles = columns.map(({ title }) => title);
  return [
    line(titles, (_at, text) => paint('dim', text)),
    ...cells.map((row) => line(row, (at, text) => columns[at]?.paint?.(text, paint) ?? text)),
  ];
}

const lengthOf = (text: string): number => Array.from(text).length;

function fit(columns: readonly Column[], wanted: readonly number[], width: number | undefined): number[] {
  const widths = [...wanted];
  const sum = () => widths.reduce((all, one) => all + one, GAP.length * (columns.length - 1));
  if (width === undefined) return widths;
  const givers = columns.flatMap(({ gives }, at) => (gives ? [at] : []));
  for (let over = sum() - width; over > 0; over = sum() - width) {
    const widest = givers.reduce<number | undefined>(
      (best, at) => (best === undefined || (widths[at] ?? 0) > (widths[best] ?? 0) ? at : best),
      undefined,
    );
    const current = widest === undefined ? 0 : (widths[widest] ?? 0);
    if (widest === undefined || current <= NARROWEST) break;
    widths[widest] = current - 1;
  }
  return widths;
}
