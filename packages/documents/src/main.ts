import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openApiDocuments } from './openapi.ts';
import { type Drift, driftOf, FOLDER, outputsOf, repair } from './outputs.ts';

const HELP = `Writes ${FOLDER}: AsyncAPI of all topics, OpenAPI of every service, the saga, and a page about them.

  node packages/documents/dist/main.js           write
  node packages/documents/dist/main.js --check   change nothing; exit 1 and name each file that differs
`;

const root = fileURLToPath(new URL('../../..', import.meta.url));
const print = (text: string) => process.stdout.write(text);

process.exitCode = await generate(process.argv.slice(2));

/** Answers the exit code. */
async function generate(args: readonly string[]): Promise<number> {
  const unknown = args.find((arg) => arg !== '--check' && arg !== '--help');
  if (unknown !== undefined || args.includes('--help')) {
    print(unknown === undefined ? HELP : `Unknown option ${unknown}\n\n${HELP}`);
    return unknown === undefined ? 0 : 2;
  }
  const outputs = outputsOf(await openApiDocuments(root));
  const folder = join(root, FOLDER);
  const drift = driftOf(folder, outputs);
  if (args.includes('--check')) return report(drift);
  repair(folder, outputs, drift);
  for (const path of drift.changed) print(`wrote ${FOLDER}/${path}\n`);
  for (const path of drift.stale) print(`removed ${FOLDER}/${path}\n`);
  return 0;
}

function report({ changed, stale }: Drift): number {
  for (const path of changed) print(`${FOLDER}/${path} is not what its source says: npm run generate\n`);
  for (const path of stale) print(`${FOLDER}/${path} has no source any more: npm run generate\n`);
  return changed.length + stale.length === 0 ? 0 : 1;
}
