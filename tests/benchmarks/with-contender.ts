import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Stack, type StackOptions, startStack } from '@skald/local-stack';
import type { Contender } from './contender.ts';
import type { ContenderName } from './options.ts';
import type { Profiling } from './profiling.ts';
import type { Progress } from './progress.ts';
import { describeSkald, skaldEnvironment } from './skald.ts';
import { startSketch } from './sketch/contender.ts';
import { startTutorial } from './tutorial/contender.ts';

/** Given up by whoever started it. */
export class InterruptedError extends Error {}

/**
 * Starts a contender on a fresh stack of its own, and stops both when the work is done, has failed, or is given up with
 * Ctrl-C.
 */
export async function withContender(
  name: ContenderName,
  progress: Progress,
  profiling: Profiling | undefined,
  work: (contender: Contender, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'skald-benchmark-'));
  const interrupted = interruption();
  let contender: Contender | undefined;
  let succeeded = false;
  try {
    progress.step(`${name}: starting`);
    contender = await start(name, profiling, {
      directory,
      restart: false,
      onProgress: (line) => progress.step(`${name}: ${line}`),
      signal: interrupted.signal,
    });
    await work(contender, interrupted.signal);
    succeeded = true;
  } catch (error) {
    throw interrupted.signal.aborted ? new InterruptedError('Interrupted') : error;
  } finally {
    interrupted.forget();
    progress.step(`${name}: stopping`);
    await contender?.stop();
    if (succeeded || interrupted.signal.aborted) rmSync(directory, { recursive: true, force: true });
    else progress.step(`${name}: the logs are kept in ${join(directory, 'logs')}`);
  }
}

async function start(
  name: ContenderName,
  profiling: Profiling | undefined,
  options: StackOptions,
): Promise<Contender> {
  if (name === 'skald') return describeSkald(await startStack({ ...options, ...skaldOptions(profiling) }));
  const stack = await startStack({ ...options, services: 'none' });
  try {
    const startPrograms = name === 'sketch' ? startSketch : startTutorial;
    return whole(await startPrograms(stack, profiling), stack);
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

const skaldOptions = (profiling: Profiling | undefined): StackOptions => ({
  environment: { ...skaldEnvironment, all: { ...skaldEnvironment.all, ...profiling?.environment } },
  nodeArguments: profiling?.nodeArguments ?? [],
});

/** Stops with its stack. */
const whole = (contender: Contender, stack: Stack): Contender => ({
  ...contender,
  stop: async () => {
    await contender.stop();
    await stack.stop();
  },
});

/** SIGINT and SIGTERM give up what is under way, so that everything started is stopped. */
function interruption() {
  const controller = new AbortController();
  const interrupt = (): void => controller.abort(new Error('Interrupted'));
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  return {
    signal: controller.signal,
    forget: () => {
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    },
  };
}
