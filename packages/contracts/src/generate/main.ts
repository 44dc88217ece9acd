import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { renderSagaPage } from './saga-page.ts';
import { readSchemas } from './source.ts';
import { renderTypeScript } from './typescript.ts';

const HELP = `Writes what is generated: types and embedded schemas from schemas/, the saga in docs/saga.md from its graph.

  node packages/contracts/dist/generate/main.js           write
  node packages/contracts/dist/generate/main.js --check   change nothing; exit 1 and name each file that differs
`;

/** The repository, from dist/generate/ and from src/generate/ alike. */
const root = fileURLToPath(new URL('../../../../', import.meta.url));
const generated = join(root, 'packages/contracts/src/generated');
const sagaPage = join(root, 'docs/saga.md');

function main(args: readonly string[]): number {
  const unknown = args.find((arg) => arg !== '--check' && arg !== '--help');
  if (unknown !== undefined || args.includes('--help')) {
    process.stdout.write(unknown === undefined ? HELP : `Unknown option ${unknown}\n\n${HELP}`);
    return unknown === undefined ? 0 : 2;
  }
  const wanted = outputs();
  const stale = readdirSync(generated)
    .map((file) => join(generated, file))
    .filter((path) => !wanted.has(path));
  const changed = [...wanted].filter(
    ([path, text]) => !existsSync(path) || readFileSync(path, 'utf8') !== text,
  );
  const drift = [...changed.map(([path]) => path), ...stale].map((path) => relative(root, path)).sort();
  if (args.includes('--check')) return report(drift);
  for (const [path, text] of changed) writeFileSync(path, text);
  for (const path of stale) rmSync(path);
  process.stdout.write(
    drift.length === 0 ? 'Nothing to do\n' : drift.map((path) => `wrote ${path}\n`).join(''),
  );
  return 0;
}

/** Path → text of everything that is generated. */
function outputs(): Map<string, string> {
  mkdirSync(generated, { recursive: true });
  const files = renderTypeScript(readSchemas(join(root, 'schemas')));
  const sources = [...files].map(([file, text]) => [join(generated, file), text] as const);
  return new Map([...sources, [sagaPage, renderSagaPage(readFileSync(sagaPage, 'utf8'))]]);
}

function report(drift: readonly string[]): number {
  for (const path of drift)
    process.stderr.write(`${path} differs from what its source says: run npm run generate\n`);
  return drift.length === 0 ? 0 : 1;
}

process.exitCode = main(process.argv.slice(2));
