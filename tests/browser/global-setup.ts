import { shareStack } from '@skald/testkit';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where to ask for the stack: see `connectStack`. */
    browserStack: string;
  }
}

/** One stack for all files of the project: it starts when the first of them asks for it, and not without a browser. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const running = process.env['SKALD_TEST_STACK'];
  if (running) {
    project.provide('browserStack', running);
    return async () => {};
  }
  const stack = await shareStack({
    companions: ['dead-letters', 'order-view', 'console'],
    audits: ['--every', '10s'],
  });
  project.provide('browserStack', stack.control);
  return async () => {
    const keepFolder = project.vitest.state.getCountOfFailedTests() > 0 && stack.folders.length > 0;
    if (keepFolder) process.stderr.write(`The services' logs: ${stack.folders.join(', ')}\n`);
    await stack.stop({ keepFolder });
  };
}
