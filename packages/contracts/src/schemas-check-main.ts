import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { judge, type Verdict } from './compatibility/gate.ts';
import { readReleased, writeReleased } from './compatibility/released.ts';
import { renderVerdicts } from './compatibility/report.ts';
import { inlineValues } from './generate/inline.ts';
import { readSchemas } from './generate/source.ts';
import { fullName, type RecordSchema } from './schema.ts';

const HELP = `Holds every schema in schemas/ against all its released versions, with no server running.

  npm run schemas:check                 exit 1, naming subject, version, field and reason, if one is refused
  npm run schemas:check -- --release    the same; then add what is new or changed as the next released version
`;

/** The repository, from dist/ and from src/ alike. */
const root = fileURLToPath(new URL('../../../', import.meta.url));
const releasedFolder = join(root, 'schemas/released');

function main(args: readonly string[]): number {
  const unknown = args.find((arg) => arg !== '--release' && arg !== '--help');
  if (unknown !== undefined || args.includes('--help')) {
    process.stdout.write(unknown === undefined ? HELP : `Unknown option ${unknown}\n\n${HELP}`);
    return unknown === undefined ? 0 : 2;
  }
  const current = readCurrent();
  const verdicts = judge(current, readReleased(releasedFolder));
  process.stdout.write(renderVerdicts(verdicts));
  if (verdicts.some(({ refusals }) => refusals.length > 0)) return 1;
  if (args.includes('--release')) release(current, verdicts);
  return 0;
}

/** Subject → schema, from the files themselves: a forgotten `npm run generate` doesn't hide a change. */
function readCurrent(): ReadonlyMap<string, RecordSchema> {
  const source = readSchemas(join(root, 'schemas'));
  return new Map([...source.events.values()].map((event) => [fullName(event), inlineValues(event, source)]));
}

function release(current: ReadonlyMap<string, RecordSchema>, verdicts: readonly Verdict[]): void {
  for (const { subject, released, state } of verdicts) {
    const schema = current.get(subject);
    if (schema === undefined || state === 'unchanged') continue;
    const path = writeReleased(releasedFolder, subject, released + 1, schema);
    process.stdout.write(`wrote ${relative(root, path)}\n`);
  }
}

process.exitCode = main(process.argv.slice(2));
