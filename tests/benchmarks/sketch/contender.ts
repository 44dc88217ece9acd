import type { Stack } from '@skald/local-stack';
import type { Contender } from '../contender.ts';
import { startPrograms } from '../processes.ts';
import type { Profiling } from '../profiling.ts';

/** The sketch's five services. */
export const startSketch = (stack: Stack, profiling: Profiling | undefined): Promise<Contender> =>
  startPrograms({ name: 'sketch', folder: new URL('./', import.meta.url) }, stack, profiling);
