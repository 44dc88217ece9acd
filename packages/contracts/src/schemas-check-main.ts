import { fileURLToPath } from 'node:url';
import { checkSchemas } from './compatibility/command.ts';

/** The repository, from dist/ and from src/ alike. */
const root = fileURLToPath(new URL('../../../', import.meta.url));

process.exitCode = checkSchemas(process.argv.slice(2), root, (text) => process.stdout.write(text));
