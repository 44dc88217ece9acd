import { styleText } from 'node:util';

export type Colour = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';
export type Paint = (colour: Colour, text: string) => string;

/** What a result is written on. */
export interface Terminal {
  readonly paint: Paint;
  /** Columns; undefined where it is no terminal: then nothing is cut. */
  readonly width: number | undefined;
}

export const plain: Terminal = { paint: (_colour, text) => text, width: undefined };

export const terminalOf = (out: NodeJS.WriteStream): Terminal =>
  out.isTTY ? { paint: (colour, text) => styleText(colour, text), width: out.columns ?? 80 } : plain;

export interface Column {
  readonly title: string;
  readonly paint?: (cell: string) => Colour | undefined;
}

const GAP = '  ';

/** As wide as it must be; on a terminal the last column is cut to what is left. */
export function tableOf(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  { paint, width }: Terminal,
): string[] {
  const cells = rows.map((row) => row.map(printable));
  const widths = columns.map(({ title }, at) =>
    Math.max(title.length, ...cells.map((row) => (row[at] ?? '').length)),
  );
  const last = columns.length - 1;
  const before = widths.slice(0, last).reduce((sum, one) => sum + one + GAP.length, 0);
  const lineOf = (row: readonly string[], colourOf: (at: number, cell: string) => Colour | undefined) =>
    row
      .map((cell, at) => {
        const text = at === last ? cut(cell, width === undefined ? undefined : width - before) : cell;
        const colour = colourOf(at, cell);
        const padding = at === last ? '' : ' '.repeat((widths[at] ?? 0) - text.length);
        return (colour === undefined ? text : paint(colour, text)) + padding;
      })
      .join(GAP);
  return [
    lineOf(
      columns.map(({ title }) => title),
      () => 'dim',
    ),
    ...cells.map((row) => lineOf(row, (at, cell) => columns[at]?.paint?.(cell))),
  ];
}

const cut = (text: string, width: number | undefined): string =>
  width === undefined || text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;

/** On one line, and nothing that a terminal would obey: what is shown here came from strangers. */
export const printable = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, '·');
