import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Drift, driftOf, outputsOf } from './outputs.ts';

const HELP = `Writes what is generated: types and embedded schemas from schemas/, the saga in docs/saga.md and README.md from its graph.

  node packages/contracts/dist/generate/main.js           write
  node packages/contracts/dist/generate/main.js --check   change nothing; exit 1 and name each file that differs
`;

type Print = (text: string) => void;

/** The generator as a command; `root` is the repository's. Answers the exit code. */
export function generate(args: readonly string[], root: string, print: Print): number {
  const unknown = args.find((arg) => arg !== '--check' && arg !== '--help');
  if (unknown !== undefined || args.includes('--help')) {
    print(unknown === undefined ? HELP : `Unknown option ${unknown}\n\n${HELP}`);
    return unknown === undefined ? 0 : 2;
  }
  const outputs = outputsOf(root);
  const drift = driftOf(root, outputs);
  return args.includes('--check') ? report(drift, print) : write(drift, outputs, root, print);
}

function report({ changed, stale }: Drift, print: Print): number {
  for (const path of changed) print(`${path} is not what its source says: npm run generate\n`);
  for (const path of stale) print(`${path} has no source any more: npm run generate\n`);
  return changed.length + stale.length === 0 ? 0 : 1;
}

function write(
  { changed, stale }: Drift,
  outputs: ReadonlyMap<string, string>,
  root: string,
  print: Print,
): number {
  for (const path of changed) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), outputs.get(path) ?? '');
    print(`wrote ${path}\n`);
  }
  for (const path of stale) {
    rmSync(join(root, path));
    print(`removed ${path}\n`);
  }
  if (changed.length + stale.length === 0) print('Nothing to do\n');
  return 0;
}
