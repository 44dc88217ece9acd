import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { renderFailures } from './failure-table.ts';

const HELP = `Writes the table of failures in README.md from packages/messaging/src/failures.ts.

  node packages/messaging/dist/generate-main.js           write
  node packages/messaging/dist/generate-main.js --check   change nothing; exit 1 if it differs
`;
const PAGE = 'README.md';

process.exitCode = generate(process.argv.slice(2));

/** Answers the exit code. */
function generate(args: readonly string[]): number {
  const print = (text: string) => process.stdout.write(text);
  const unknown = args.find((arg) => arg !== '--check' && arg !== '--help');
  if (unknown !== undefined || args.includes('--help')) {
    print(unknown === undefined ? HELP : `Unknown option ${unknown}\n\n${HELP}`);
    return unknown === undefined ? 0 : 2;
  }
  const file = fileURLToPath(new URL(`../../../${PAGE}`, import.meta.url));
  const before = readFileSync(file, 'utf8');
  const after = renderFailures(before);
  if (after === before) return 0;
  if (args.includes('--check')) {
    print(`${PAGE} is not what its source says: npm run generate\n`);
    return 1;
  }
  writeFileSync(file, after);
  print(`wrote ${PAGE}\n`);
  return 0;
}
