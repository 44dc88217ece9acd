import { fileURLToPath } from 'node:url';
import { generate } from './command.ts';

/** The repository, from dist/generate/ and from src/generate/ alike. */
const root = fileURLToPath(new URL('../../../../', import.meta.url));

process.exitCode = generate(process.argv.slice(2), root, (text) => process.stdout.write(text));
