import { shareStack } from '@skald/testkit';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where to ask for Kafka, registry, Postgres and mail sink, without services: see `connectStack`. */
    infrastructure: string;
  }
}

/**
 * One infrastructure for each worker: its files use it one after the other, each in a database of its own. With the
 * control URL of one that runs already in `SKALD_TEST_INFRASTRUCTURE`, that one is used, by one worker, and left alone.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const running = process.env['SKALD_TEST_INFRASTRUCTURE'];
  if (running) {
    project.provide('infrastructure', running);
    return async () => {};
  }
  const stack = await shareStack({ services: 'none' }, Number(project.config.maxWorkers));
  project.provide('infrastructure', stack.control);
  return () => stack.stop();
}
