import { shareStack } from '@skald/testkit';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where to ask for Kafka, registry, Postgres and mail sink, without services: see `connectStack`. */
    infrastructure: string;
  }
}

/** One infrastructure for all files of the project that need one, each in databases and topics of its own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const stack = await shareStack({ services: 'none' });
  project.provide('infrastructure', stack.control);
  return () => stack.stop();
}
