import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Notice } from './notices.ts';

/** Which schedules to run with a mutant's bug switched on: those of so many seeds, from the first one on. */
export interface Search {
  readonly name: string;
  readonly first: number;
  readonly count: number;
}

/** Beside this file once it is compiled; from the sources, where a build has put it. */
const program = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../dist/mutants/run-main.js' : './run-main.js', import.meta.url),
);
const LIMIT_MS = 3_600_000;

/**
 * Searches one after the other, in a process apart. Answers the first notice of each; undefined where nobody has noticed.
 * Throws where a bug breaks the process.
 */
export async function runMutants(searches: readonly Search[]): Promise<(Notice | undefined)[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [program, JSON.stringify(searches)], {
    timeout: LIMIT_MS,
    maxBuffer: 16 * 1024 * 1024,
  });
  const lines = stdout.trim().split('\n');
  return searches.map((_search, index) => (JSON.parse(lines[index] ?? '') as Notice | null) ?? undefined);
}
