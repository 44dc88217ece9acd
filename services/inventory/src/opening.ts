import type { Kernel } from '@skald/messaging';
import type { Logger } from '@skald/service-kit';

const RETRY_MS = 100;

/** The house opens once its catalogue is listed. */
export interface Opening {
  /** Waits for the database, and lists the catalogue if nobody has done so yet. Two instances may try at once. */
  run(): Promise<void>;
  isDone(): boolean;
  stop(): void;
}

export function createOpening(kernel: Pick<Kernel, 'status' | 'submit'>, logger: Logger): Opening {
  let done = false;
  let stopped = false;

  const list = async (): Promise<boolean> => {
    if (!kernel.status().database) return false;
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
