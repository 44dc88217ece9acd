import { fileURLToPath } from 'node:url';
import { type Ran, runProgram } from './run-program.ts';
import { addresses } from './system.ts';

/** The command line's program, as `npm run dlq` starts it. */
const program = fileURLToPath(new URL('../../services/dead-letters/dist/cli-main.js', import.meta.url));

/** Runs `dlq` against this stack, unless its arguments say otherwise. */
export const dlq = (...args: readonly string[]): Promise<Ran> => dlqIn({}, ...args);

/** The same with more in its surroundings. */
export const dlqIn = (
  environment: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<Ran> =>
  runProgram(program, args, {
    PATH: process.env['PATH'] ?? '',
    USER: 'ada',
    DEAD_LETTERS_URL: addresses.services['dead-letters'] ?? '',
    OPERATOR_TOKEN: addresses.operatorToken,
    ...environment,
  });

/** The same with --json: what it printed, a line each. Throws what it complained about where there is nothing. */
export async function dlqJson<Line = Record<string, unknown>>(...args: readonly string[]): Promise<Line[]> {
  const { code, stdout, stderr } = await dlq(...args, '--json');
  if (code === 2 || (code !== 0 && stdout === ''))
    throw new Error(`dlq ${args.join(' ')} ended with ${code}: ${stderr}`);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}

/** What `list` tells of one. */
export interface Listed {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly event: string | null;
  readonly error: { readonly code: string; readonly text: string };
  readonly attempts: number;
  readonly state: string;
  readonly edited: boolean;
}

export const nameOf = ({ group, topic, partition, offset }: Listed): string =>
  `${group}/${topic}/${partition}/${offset}`;
