import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Mutant } from './mutants.ts';

/** When the simulator noticed a bug. */
export interface Notice {
  readonly seed: number;
  readonly says: string;
}

/** Beside this file once it is compiled; from the sources, where a build has put it. */
const program = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../dist/mutants/one-main.js' : './one-main.js', import.meta.url),
);

/**
 * Runs so many schedules at most with the bug switched on, in a process of its own. Undefined: nobody has noticed. A bug that
 * breaks the simulation itself counts as noticed at no seed: it throws.
 */
export async function runMutant({ name }: Mutant, seeds: number): Promise<Notice | undefined> {
  const { stdout } = await promisify(execFile)(process.execPath, [program, name, String(seeds)], {
    timeout: 240_000,
    maxBuffer: 16 * 1024 * 1024,
  });
  return (JSON.parse(stdout.trim().split('\n').at(-1) ?? 'null') as Notice | null) ?? undefined;
}
