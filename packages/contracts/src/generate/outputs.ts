import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderSagaPage, renderSagaPicture } from './saga-page.ts';
import { readSchemas } from './source.ts';
import { renderTypeScript } from './typescript.ts';

/** Where everything is, under the repository's root. */
export const SCHEMAS = 'schemas';
const GENERATED = 'packages/contracts/src/generated';
/** Page → what stands between its markers. */
const PAGES = { 'docs/saga.md': renderSagaPage, 'README.md': renderSagaPicture } as const;

/** Path (from the root) → text of everything that is generated. */
export function outputsOf(root: string): ReadonlyMap<string, string> {
  const files = renderTypeScript(readSchemas(join(root, SCHEMAS)));
  const sources = [...files].map(([file, text]) => [join(GENERATED, file), text] as const);
  const pages = Object.entries(PAGES).map(
    ([page, render]) => [page, render(readFileSync(join(root, page), 'utf8'))] as const,
  );
  return new Map([...sources, ...pages]);
}

/** Where the tree differs from what its sources say; paths from the root. */
export interface Drift {
  /** Missing, or other than it would be generated. */
  readonly changed: readonly string[];
  /** Generated once, from something that is gone. */
  readonly stale: readonly string[];
}

export function driftOf(root: string, outputs: ReadonlyMap<string, string>): Drift {
  const folder = join(root, GENERATED);
  const present = existsSync(folder) ? readdirSync(folder).map((file) => join(GENERATED, file)) : [];
  const isChanged = ([path, text]: readonly [string, string]): boolean =>
    !existsSync(join(root, path)) || readFileSync(join(root, path), 'utf8') !== text;
  return {
    changed: [...outputs].filter(isChanged).map(([path]) => path),
    stale: present.filter((path) => !outputs.has(path)),
  };
}
