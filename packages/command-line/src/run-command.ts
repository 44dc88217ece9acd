import { CommandError, UsageError } from './errors.ts';
import type { Terminal } from './terminal.ts';

/** Ctrl-C, SIGTERM or SIGHUP. */
export class Interrupted extends Error {}

/** Aborts with Interrupted. A second one ends the process at once, as nothing listens any more. */
export function interruption(): AbortSignal {
  const interrupted = new AbortController();
  const abort = () => interrupted.abort(new Interrupted('interrupted'));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, abort);
  return interrupted.signal;
}

/** Exit code 2 for wrong arguments, 1 for what can't be done; a mistake of ours comes with its stack. */
export function tellError(error: unknown, terminal: Pick<Terminal, 'say'>): number {
  const isExpected = error instanceof UsageError || error instanceof CommandError;
  const message = error instanceof Error ? (isExpected ? error.message : error.stack) : undefined;
  terminal.say(message ?? String(error));
  return error instanceof UsageError ? 2 : 1;
}
