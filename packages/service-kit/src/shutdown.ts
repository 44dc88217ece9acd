import type { Logger } from './log.ts';

interface Part {
  readonly name: string;
  readonly stop: () => Promise<void>;
}

export interface Shutdown {
  /** A part that runs from now on. Parts are stopped in the reverse order. */
  add(name: string, stop: () => Promise<void>): void;
  /** Stops all parts and ends the process: with 0, or with 1 after an error. A second call changes nothing. */
  begin(this: void, reason: string, error?: unknown): void;
}

/**
 * How a process ends.
 * @param timeout ms for all parts together; after it the process ends with 1, naming the part that hangs
 * @param exit ends the process; another one in tests
 */
export function createShutdown(
  timeout: number,
  logger: Logger,
  exit: (code: number) => void = (code) => process.exit(code),
): Shutdown {
  const parts: Part[] = [];
  let hasBegun = false;

  async function run(failed: boolean): Promise<void> {
    let stopping = '';
    const timer = setTimeout(() => {
      logger.fatal({ hung: stopping, timeoutMs: timeout }, `Stopping took too long: ${stopping} hangs`);
      exit(1);
    }, timeout);
    let code = failed ? 1 : 0;
    for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
      stopping = part.name;
      try {
        await part.stop();
      } catch (error) {
        code = 1;
        logger.error({ err: error }, `Stopping failed: ${part.name}`);
      }
    }
    clearTimeout(timer);
    logger.info({ code }, 'Stopped');
    exit(code);
  }

  function begin(reason: string, error?: unknown): void {
    if (hasBegun) {
      if (error !== undefined) logger.error({ err: error }, `While stopping: ${reason}`);
      return;
    }
    hasBegun = true;
    if (error === undefined) logger.info(`Stopping: ${reason}`);
    else logger.fatal({ err: error }, `Stopping: ${reason}`);
    void run(error !== undefined);
  }

  return { add: (name, stop) => void parts.push({ name, stop }), begin };
}

/** Signals, and errors that nobody caught, end the process in an orderly way. */
export function beginWithProcess({ begin }: Shutdown): void {
  // A second signal changes nothing: a terminal's Ctrl-C reaches a process twice, from it and from its parent.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => begin(signal));
  process.on('uncaughtException', (error) => begin('an exception that nobody caught', error ?? 'unknown'));
  process.on('unhandledRejection', (error) => begin('a rejection that nobody handled', error ?? 'unknown'));
}
