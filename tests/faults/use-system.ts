import type { StackOptions } from '@skald/local-stack';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { type OpenSystem, openSystem, type System } from './system.ts';

/** `SKALD_SEED` repeats a run. */
export const seed = Number(process.env['SKALD_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

/** A system for the tests of one `describe`: started before them, stopped after them. Its logs are kept if one fails. */
export function useSystem(name: string, options: StackOptions = {}): System {
  let system: OpenSystem | undefined;
  let hasFailed = false;

  beforeAll(async () => {
    system = await openSystem(name, { ...options, seed });
    system.say(`the stack runs; SKALD_SEED=${seed} repeats this`);
  });
  beforeEach(({ onTestFailed }) => {
    onTestFailed(() => {
      hasFailed = true;
    });
  });
  afterAll(() => system?.close({ keepLogs: hasFailed }));

  const running = (): OpenSystem => {
    if (system === undefined) throw new Error('The stack has not started yet');
    return system;
  };
  return {
    get stack() {
      return running().stack;
    },
    get databases() {
      return running().databases;
    },
    get random() {
      return running().random;
    },
    disk: undefined,
    say: (line) => running().say(line),
  };
}
