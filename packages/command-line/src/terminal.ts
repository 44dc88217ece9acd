import { styleText } from 'node:util';

/** What a command writes on. */
export interface Terminal {
  /** Results, on standard output. */
  print(line: string): void;
  /** Progress and complaints, on standard error. */
  say(line: string): void;
  /** Replaces the line that was shown last; nothing where standard error is no terminal. */
  show(line: string): void;
  /** Columns; undefined where standard output is no terminal. */
  readonly width: number | undefined;
  readonly isInteractive: boolean;
  readonly paint: Paint;
}

/** As much of it as rendering needs. */
export type Look = Pick<Terminal, 'width' | 'paint'>;

/** Neither colours nor a width: as in a file. */
export const plainLook: Look = { width: undefined, paint: (_colour, text) => text };

export type Colour = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';
export type Paint = (colour: Colour, text: string) => string;

interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface TerminalOptions {
  readonly stdout: Stream;
  readonly stderr: Stream;
  /** Asked for, or forbidden; undefined: wherever standard output is a terminal. */
  readonly wantsColour: boolean | undefined;
}

export function createTerminal({ stdout, stderr, wantsColour }: TerminalOptions): Terminal {
  const isColoured = wantsColour ?? stdout.isTTY === true;
  const isInteractive = stderr.isTTY === true;
  let shown = false;
  const clear = () => {
    if (shown) stderr.write('\r\u001b[K');
    shown = false;
  };
  return {
    print(line) {
      clear();
      stdout.write(`${line}\n`);
    },
    say(line) {
      clear();
      stderr.write(`${line}\n`);
    },
    show(line) {
      if (!isInteractive) return;
      stderr.write(`\r${cut(line, (stderr.columns ?? 80) - 1)}\u001b[K`);
      shown = true;
    },
    width: stdout.isTTY === true ? (stdout.columns ?? 80) : undefined,
    isInteractive,
    paint: (colour, text) => (isColoured ? styleText(colour, text, { validateStream: false }) : text),
  };
}

/** On one line, and nothing that a terminal would obey: what is shown here came from strangers. */
export const printable = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, '·');

/** JSON is text already; what a terminal would obey is written as it may be in JSON. */
export const printableJson = (value: unknown, indent?: number): string =>
  JSON.stringify(value, null, indent).replaceAll(
    /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** At most so many characters, with a sign that there is more. */
export function cut(text: string, width: number): string {
  const characters = Array.from(text);
  if (characters.length <= width) return text;
  return width < 2 ? characters.slice(0, width).join('') : `${characters.slice(0, width - 1).join('')}…`;
}
