import { userInfo } from 'node:os';
import { colourWish, createTerminal, tellError } from '@skald/command-line';
import { createClient } from './cli-client.ts';
import { edit } from './cli-edit.ts';
import { runJobCommand } from './cli-job.ts';
import { list } from './cli-list.ts';
import { log } from './cli-log.ts';
import { type Options, parseOptions } from './cli-options.ts';
import { findPlace } from './cli-place.ts';
import { showOne } from './cli-show.ts';
import { cliSurroundings } from './config.ts';

/**
 * The command line of dead-letters: `npm run dlq -- …`. Exit codes: 0; 1 something failed; 2 wrong arguments; 130 given up
 * by Ctrl-C.
 */
const surroundings = cliSurroundings();
const terminal = createTerminal({ ...process, wantsColour: colourWish() });
const hangUp = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => hangUp.abort());
// Whoever reads us may have seen enough, as `head` has.
process.stdout.on('error', () => process.exit(0));

async function run(options: Options): Promise<number> {
  const { url, token } = findPlace(options, surroundings);
  const client = createClient(url, token, hangUp.signal);
  const user = surroundings.user ?? userInfo().username;
  switch (options.command) {
    case 'list':
      await list(client, options, terminal, Date.now());
      return 0;
    case 'show':
      await showOne(client, options, terminal, Date.now());
      return 0;
    case 'edit':
      await edit(client, options, terminal, { user, editor: surroundings.editor });
      return 0;
    case 'log':
      await log(client, options, terminal);
      return 0;
    default:
      return runJobCommand(client, options, terminal, user);
  }
}

try {
  const options = parseOptions(process.argv.slice(2), Date.now(), (help) => terminal.print(help));
  process.exitCode = options === undefined ? 0 : await run(options);
} catch (error) {
  if (hangUp.signal.aborted) {
    terminal.say('Given up: what was done stays done, and `npm run dlq -- log` tells of it.');
    process.exitCode = 130;
  } else {
    process.exitCode = tellError(error, terminal);
  }
}
