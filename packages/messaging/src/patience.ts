import { TransientError } from './errors.ts';
import { time } from './time.ts';

/** Waits for work that may take for ever, no longer than this, ms. Its failure is nobody's business any more. */
export async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let callOff: (() => void) | undefined;
  await Promise.race([
    work.catch(() => undefined),
    new Promise<void>((resolve) => {
      callOff = time.after(ms, resolve);
    }),
  ]);
  callOff?.();
}

/** Answers what the work answers; throws TransientError ABANDONED as soon as the signal aborts, whatever the work does. */
export async function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  let abort: () => void = () => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => reject(new TransientError('ABANDONED', 'given up before it was done'));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
