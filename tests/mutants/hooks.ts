import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { mutants } from './mutants.ts';

interface Loaded {
  readonly format: string;
  readonly source?: string | undefined;
  readonly shortCircuit?: boolean;
}

const root = new URL('../../../', import.meta.url).href;
let edits: (typeof mutants)[number]['edits'] = [];

/** Node's own, of a module that customises how others are loaded: https://nodejs.org/api/module.html#initialize */
export function initialize(name: string): void {
  const mutant = mutants.find((candidate) => candidate.name === name);
  if (mutant === undefined) throw new Error(`There is no mutant ${name}`);
  edits = mutant.edits;
}

/** A module with the bug in it, in memory alone. Throws where the place is not there, or there twice. */
export async function load(
  url: string,
  context: unknown,
  next: (url: string, context: unknown) => Promise<Loaded>,
): Promise<Loaded> {
  const own = edits.filter(({ file }) => url === root + file);
  if (own.length === 0) return next(url, context);
  let source = await readFile(fileURLToPath(url), 'utf8');
  for (const { file, find, replace } of own) {
    if (source.split(find).length !== 2) throw new Error(`${file} holds not once: ${find}`);
    source = source.replace(find, () => replace);
  }
  return { format: 'module', source, shortCircuit: true };
}
