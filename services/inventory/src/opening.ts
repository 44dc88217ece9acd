import type { Kernel } from '@skald/messaging';
import type { Logger } from '@skald/service-kit';

const RETRY_MS = 100;

/** The house opens once its catalogue is listed. */
export interface Opening {
  /** Lists the catalogue if nobody has done so yet; waits outages out. Two instances may try at once. */
  run(): Promise<void>;
  isDone(): boolean;
  stop(): void;
}

export function createOpening(kernel: Pick<Kernel, 'submit'>, logger: Logger): Opening {
  let done = false;
  let stopped = false;

  const list = async (): Promise<boolean> => {
    try {
      const listed = await kernel.submit<number>({ name: 'ListCatalogue', key: 'catalogue', data: null });
      if (listed > 0) logger.info({ listed }, 'the catalogue is listed');
      return true;
    } catch (error) {
      if (!isRetryable(error)) throw error;
      return false;
    }
  };

  return {
    async run() {
      while (!stopped && !done) {
        done = await list();
        if (!done) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    },
    isDone: () => done,
    stop() {
      stopped = true;
    },
  };
}

const isRetryable = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'retryable' in error && error.retryable === true;
