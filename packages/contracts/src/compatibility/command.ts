import { join, relative } from 'node:path';
import { RELEASED, readCurrent } from './current.ts';
import { judge } from './gate.ts';
import { readReleased, writeReleased } from './released.ts';
import { renderVerdicts } from './report.ts';

const HELP = `Holds every schema in schemas/ against all its released versions, with no server running.

  npm run schemas:check                 exit 1, naming subject, version, field and reason, if one is refused
  npm run schemas:check -- --release    the same; then add what is new or changed as the next released version

A released version is never changed. Until a change is merged nobody runs it: take its file away and release it again.
`;

/** The gate as a command; `root` is the repository's. Answers the exit code. */
export function checkSchemas(args: readonly string[], root: string, print: (text: string) => void): number {
  const unknown = args.find((arg) => arg !== '--release' && arg !== '--help');
  if (unknown !== undefined || args.includes('--help')) {
    print(unknown === undefined ? HELP : `Unknown option ${unknown}\n\n${HELP}`);
    return unknown === undefined ? 0 : 2;
  }
  const releasedFolder = join(root, RELEASED);
  const current = readCurrent(root);
  const verdicts = judge(current, readReleased(releasedFolder));
  print(renderVerdicts(verdicts));
  if (verdicts.some(({ refusals }) => refusals.length > 0)) return 1;
  if (!args.includes('--release')) return 0;
  for (const { subject, released, state } of verdicts) {
    const schema = current.get(subject);
    if (schema === undefined || state === 'unchanged') continue;
    const path = writeReleased(releasedFolder, subject, released + 1, schema);
    print(`wrote ${relative(root, path)}\n`);
  }
  return 0;
}
