import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Stack, type StackOptions, startStack } from '@skald/local-stack';
import { createSeededRandom, type Databases, openDatabases, type SeededRandom } from '@skald/testkit';
import { mountSmallDisk, type SmallDisk } from './small-disk.ts';

/** The whole system, with what happens to it told as it goes. */
export interface System {
  readonly stack: Stack;
  readonly databases: Databases;
  /** Chooses moments and mixtures. */
  readonly random: SeededRandom;
  /** Where Postgres keeps its data, if it could be mounted. */
  readonly disk: SmallDisk | undefined;
  /** Tells how it gets on: a line, with the seconds since the start. */
  say(line: string): void;
}

export interface OpenSystem extends System {
  /** Stops all. Keeps the folder, and names its logs, if asked to. */
  close(options: { readonly keepLogs: boolean }): Promise<void>;
}

export interface SystemOptions extends StackOptions {
  readonly seed: number;
  /** Postgres on a disk that can be filled. */
  readonly wantsSmallDisk?: boolean;
}

/** Starts the system in a folder of its own. */
export async function openSystem(name: string, options: SystemOptions): Promise<OpenSystem> {
  const { seed, wantsSmallDisk = false, ...stackOptions } = options;
  const startedAt = performance.now();
  const say = (line: string): void => {
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
    process.stderr.write(`${name} ${seconds.padStart(6)} s  ${line}\n`);
  };
  const directory = await mkdtemp(join(tmpdir(), 'skald-faults-'));
  // Postgres runs as another user where the tests run as root.
  await chmod(directory, 0o755);
  let disk: SmallDisk | undefined;
  const clear = async (keepLogs: boolean) => {
    await disk?.unmount();
    if (keepLogs) say(`the logs: ${directory}/logs`);
    else await rm(directory, { recursive: true, force: true });
  };
  try {
    if (wantsSmallDisk) {
      await mkdir(join(directory, 'postgres'));
      disk = await mountSmallDisk(join(directory, 'postgres'));
    }
    const stack = await startStack({ ...stackOptions, directory });
    const databases = openDatabases(stack.addresses);
    return {
      stack,
      databases,
      disk,
      random: createSeededRandom(seed),
      say,
      async close({ keepLogs }) {
        await databases.close();
        await stack.stop();
        await clear(keepLogs);
      },
    };
  } catch (error) {
    await clear(true);
    throw error;
  }
}
