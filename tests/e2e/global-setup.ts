import { shareStack } from '@skald/testkit';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where to ask for the stack: see `connectStack`. */
    e2eStack: string;
  }
}

/** How long an order of these tests may be pending, ms: far more than one takes, even on a busy machine. */
const ORDER_DEADLINE_MS = 30_000;

/**
 * One stack for each worker: its files use it one after the other. With the control URL of one that runs already in
 * `SKALD_TEST_STACK`, that one is used, by one worker, and left alone.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const running = process.env['SKALD_TEST_STACK'];
  if (running) {
    project.provide('e2eStack', running);
    return async () => {};
  }
  const stack = await shareStack(
    {
      companions: ['dead-letters', 'order-view', 'console'],
      environment: { order: { ORDER_DEADLINE_MS: String(ORDER_DEADLINE_MS) } },
    },
    Number(project.config.maxWorkers),
  );
  project.provide('e2eStack', stack.control);
  return async () => {
    const keepFolder = project.vitest.state.getCountOfFailedTests() > 0 && stack.folders.length > 0;
    if (keepFolder) {
      const logs = stack.folders.map((folder) => `${folder}/logs`);
      process.stderr.write(`The services' logs: ${logs.join(', ')}\n`);
    }
    await stack.stop({ keepFolder });
  };
}
