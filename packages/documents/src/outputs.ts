import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { renderSagaDiagram } from '@skald/contracts';
import { asyncApiDocument } from './asyncapi.ts';
import type { Json } from './asyncapi-messages.ts';
import { renderPage } from './page.ts';

/** Where it all goes, under the repository's root: static files, so that any web server can serve them. */
export const FOLDER = 'docs/api';

/** Path within the folder → text of everything that is generated. */
export type Outputs = ReadonlyMap<string, string>;

/** `apis`: OpenAPI by service. */
export function outputsOf(apis: ReadonlyMap<string, Json>): Outputs {
  return new Map([
    ['index.json', json(indexOf([...apis.keys()]))],
    ['README.md', renderPage(apis)],
    ['asyncapi.json', json(asyncApiDocument())],
    ['saga.mmd', renderSagaDiagram()],
    ...[...apis].map(([name, api]) => [openApiPath(name), json(api)] as const),
  ]);
}

const openApiPath = (service: string): string => `openapi/${service}.json`;

/** Says to programs, such as the console, what there is: a new service shows up by itself. */
const indexOf = (services: readonly string[]): Json => ({
  documents: [
    { kind: 'saga', name: 'saga', title: 'The saga', path: 'saga.mmd' },
    { kind: 'asyncapi', name: 'topics', title: 'Topics and events', path: 'asyncapi.json' },
    ...services.map((name) => ({ kind: 'openapi', name, title: `API of ${name}`, path: openApiPath(name) })),
  ],
});

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** Where the folder differs from what its sources say; paths within it. */
export interface Drift {
  /** Missing, or other than it would be generated. */
  readonly changed: readonly string[];
  /** Generated once, from something that is gone. */
  readonly stale: readonly string[];
}

export function driftOf(folder: string, outputs: Outputs): Drift {
  const isChanged = ([path, text]: readonly [string, string]): boolean =>
    !existsSync(join(folder, path)) || readFileSync(join(folder, path), 'utf8') !== text;
  return {
    changed: [...outputs].filter(isChanged).map(([path]) => path),
    stale: filesIn(folder).filter((path) => !outputs.has(path)),
  };
}

/** Makes the folder what its sources say. */
export function repair(folder: string, outputs: Outputs, { changed, stale }: Drift): void {
  for (const path of changed) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), outputs.get(path) ?? '');
  }
  for (const path of stale) rmSync(join(folder, path));
}

function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}
