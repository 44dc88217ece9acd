import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { mutants } from './mutants.ts';

interface Resolved {
  readonly url: string;
}
interface Loaded {
  readonly format: string;
  readonly source?: string | undefined;
  readonly shortCircuit?: boolean;
}
type Next<Result> = (target: string, context: unknown) => Promise<Result>;

const root = new URL('../../../', import.meta.url).href;
const MARK = '?mutant=';
/** Where bugs are. All else is the same for all of them, and loaded once. */
const COPIED = ['packages/messaging/', 'services/', 'tests/dist/simulation/'].map((folder) => root + folder);

/** What a module with a mutant's mark imports has that mark, too: each mutant has copies of its own. */
export async function resolve(
  specifier: string,
  context: { readonly parentURL?: string },
  next: Next<Resolved>,
): Promise<Resolved> {
  const resolved = await next(specifier, context);
  const [, mark] = (context.parentURL ?? '').split(MARK);
  const isCopied =
    COPIED.some((folder) => resolved.url.startsWith(folder)) && !resolved.url.includes('/node_modules/');
  return mark === undefined || !isCopied ? resolved : { ...resolved, url: `${resolved.url}${MARK}${mark}` };
}

/** A module with the bug in it, in memory alone. Throws where the place is not there, or there twice. */
export async function load(url: string, context: unknown, next: Next<Loaded>): Promise<Loaded> {
  const [place = url, mark] = url.split(MARK);
  const edits = mutants[Number(mark)]?.edits.filter(({ file }) => place === root + file) ?? [];
  if (edits.length === 0) return next(url, context);
  let source = await readFile(fileURLToPath(place), 'utf8');
  for (const { file, find, replace } of edits) {
    if (source.split(find).length !== 2) throw new Error(`${file} holds not once: ${find}`);
    source = source.replace(find, () => replace);
  }
  return { format: 'module', source, shortCircuit: true };
}
