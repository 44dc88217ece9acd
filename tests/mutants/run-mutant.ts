import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Mutant } from './mutants.ts';
import type { Notice } from './notices.ts';

/** Beside this file once it is compiled; from the sources, where a build has put it. */
const program = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../dist/mutants/one-main.js' : './one-main.js', import.meta.url),
);
const LIMIT_MS = 3_600_000;

/**
 * Runs the schedules of so many seeds at most, from the first one on, with the bug switched on, in a process of its own.
 * Undefined: nobody has noticed. A bug that breaks the process counts as noticed at no seed: it throws.
 */
export async function runMutant(
  { name }: Mutant,
  { first, count }: { first: number; count: number },
): Promise<Notice | undefined> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [program, name, String(first), String(count)],
    { timeout: LIMIT_MS, maxBuffer: 16 * 1024 * 1024 },
  );
  return (JSON.parse(stdout.trim().split('\n').at(-1) ?? 'null') as Notice | null) ?? undefined;
}
