import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Code, readCode } from './code.ts';

/** The house as text: what a commit would hold, not what installing and building leave behind. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

const NOT_OURS = new Set(['.git', 'node_modules', 'dist', '.skald', 'coverage']);
const TEXT =
  /\.(?:tsx?|css|html|mjs|js|json|ya?ml|xml|sql|md|avsc|patch)$|(?:^|\/)(?:\.[a-z]+|\.ci\/[\w.-]+)$/;

/** Paths from the root, sorted, of all files that hold text. */
export const paths: readonly string[] = walk(root).sort();

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (NOT_OURS.has(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return walk(path);
    const fromRoot = relative(root, path);
    return entry.isFile() && TEXT.test(fromRoot) ? [fromRoot] : [];
  });
}

export const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');

export const jsonOf = (path: string): Record<string, unknown> =>
  JSON.parse(textOf(path)) as Record<string, unknown>;

export const exists = (path: string): boolean =>
  statSync(join(root, path), { throwIfNoEntry: false }) !== undefined;

/** Names of the folders right beneath one. */
export const foldersIn = (path: string): readonly string[] =>
  readdirSync(join(root, path), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !NOT_OURS.has(entry.name))
    .map(({ name }) => name)
    .sort();

export interface SourceFile extends Code {
  readonly path: string;
  /** `packages/messaging`, `services/order`, `tests`, … */
  readonly home: string;
  /** A test, or what only tests use. */
  readonly isTest: boolean;
}

/** All TypeScript that people wrote. */
export const sources: readonly SourceFile[] = paths
  .filter((path) => /\.tsx?$/.test(path) && !path.includes('/generated/'))
  .map((path) => ({ path, home: homeOf(path), isTest: isTest(path), ...readCode(textOf(path)) }));

function homeOf(path: string): string {
  const [top = '', name = ''] = path.split('/');
  return top === 'packages' || top === 'services' ? `${top}/${name}` : top;
}

function isTest(path: string): boolean {
  return /\.test\.ts$|^tests\/|^packages\/testkit\/|^(?:packages|services)\/[^/]+\/(?:tests|fixtures)\//.test(
    path,
  );
}

/** What runs in production: the sources of packages and services. */
export const programs: readonly SourceFile[] = sources.filter(
  ({ home, isTest: test }) => !test && /^(?:packages|services)\//.test(home),
);

/** `path: what is wrong`, one a line, so that a failure names its places. */
export const offences = <Item extends { readonly path: string }>(
  items: readonly Item[],
  find: (item: Item) => readonly string[],
): readonly string[] => items.flatMap((item) => find(item).map((offence) => `${item.path}: ${offence}`));
