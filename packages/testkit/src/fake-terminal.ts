import { createTerminal, type Terminal } from '@skald/command-line';

/** What a command writes on, kept. */
export interface FakeTerminal extends Terminal {
  readonly stdout: string;
  readonly stderr: string;
}

/** What was written; `columns` makes it a terminal of that width. */
export function createFakeTerminal({
  columns,
  wantsColour,
}: {
  columns?: number;
  wantsColour?: boolean;
} = {}): FakeTerminal {
  const texts = { stdout: '', stderr: '' };
  const stream = (name: keyof typeof texts) => ({
    ...(columns !== undefined && { isTTY: true, columns }),
    write(text: string) {
      texts[name] += text;
    },
  });
  const terminal = createTerminal({ stdout: stream('stdout'), stderr: stream('stderr'), wantsColour });
  return {
    ...terminal,
    get stdout() {
      return texts.stdout;
    },
    get stderr() {
      return texts.stderr;
    },
  };
}
