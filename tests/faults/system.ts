import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Stack, type StackOptions, startStack } from '@skald/local-stack';
import { createSeededRandom, type Databases, openDatabases, type SeededRandom } from '@skald/testkit';
import { afterAll, beforeAll, beforeEach } from 'vitest';

/** The whole system, for the tests of one `describe`. */
export interface System {
  readonly stack: Stack;
  readonly databases: Databases;
  /** Chooses moments and mixtures; its seed is told. `SKALD_SEED` repeats a run. */
  readonly random: SeededRandom;
  /** Tells how the test gets on: a line, with the seconds since the start. */
  say(line: string): void;
}

const seed = Number(process.env['SKALD_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

/** Started before the tests in a folder of its own, stopped after them. Its logs are kept if one fails. */
export function useSystem(name: string, options: StackOptions = {}): System {
  const startedAt = performance.now();
  const random = createSeededRandom(seed);
  let directory: string | undefined;
  let stack: Stack | undefined;
  let databases: Databases | undefined;
  let hasFailed = false;

  function say(line: string): void {
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
    process.stderr.write(`${name} ${seconds.padStart(6)} s  ${line}\n`);
  }

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'skald-faults-'));
    // Postgres runs as another user where the tests run as root.
    await chmod(directory, 0o755);
    stack = await startStack({ ...options, directory });
    databases = openDatabases(stack.addresses);
    say(`the stack runs; SKALD_SEED=${seed} repeats this`);
  });
  beforeEach(({ onTestFailed }) => {
    onTestFailed(() => {
      hasFailed = true;
    });
  });
  afterAll(async () => {
    await databases?.close();
    await stack?.stop();
    if (directory === undefined) return;
    if (hasFailed || stack === undefined) say(`the logs: ${directory}/logs`);
    else await rm(directory, { recursive: true, force: true });
  });

  const running = <Thing>(thing: Thing | undefined): Thing => {
    if (thing === undefined) throw new Error('The stack has not started yet');
    return thing;
  };
  return {
    random,
    say,
    get stack() {
      return running(stack);
    },
    get databases() {
      return running(databases);
    },
  };
}
