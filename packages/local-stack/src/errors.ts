import { readFileSync } from 'node:fs';

/** Something of the stack doesn't start. The message names the log file and quotes its end. */
export class StackError extends Error {
  readonly logFile: string | undefined;
  constructor(message: string, options: ErrorOptions & { logFile?: string } = {}) {
    super(options.logFile === undefined ? message : `${message}\n${quoteLog(options.logFile)}`, options);
    this.name = 'StackError';
    this.logFile = options.logFile;
  }
}

const quotedLines = 15;

/** The file's name and its last lines, for an error message. */
function quoteLog(file: string): string {
  const lines = tail(file);
  if (lines.length === 0) return `Its log is empty: ${file}`;
  return [`Log: ${file}`, ...lines.map((line) => `  | ${line}`)].join('\n');
}

function tail(file: string): string[] {
  try {
    return readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .filter((line) => line !== '')
      .slice(-quotedLines);
  } catch {
    return [];
  }
}
