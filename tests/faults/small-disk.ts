import { execFile } from 'node:child_process';
import { statfs } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A disk of its own that can be full, and that no other is harmed by. */
export interface SmallDisk {
  /** From now on there is no room for anything more. */
  fill(): Promise<void>;
  empty(): Promise<void>;
  unmount(): Promise<void>;
}

const SIZE = '3g';

/** Mounts a tmpfs there: for root alone. Undefined where that can't be done. */
export async function mountSmallDisk(folder: string): Promise<SmallDisk | undefined> {
  const resize = (size: string) => run('mount', ['-o', `remount,size=${size}`, folder]);
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${SIZE},mode=755`, 'skald', folder]);
  } catch {
    return undefined;
  }
  return {
    async fill() {
      // The disk is made as small as what lies on it. It may grow meanwhile: then once more.
      for (let attempt = 1; ; attempt += 1) {
        const { blocks, bfree, bsize } = await statfs(folder);
        try {
          await resize(String((blocks - bfree) * bsize));
          return;
        } catch (error) {
          if (attempt === 20) throw error;
        }
      }
    },
    async empty() {
      await resize(SIZE);
    },
    async unmount() {
      await run('umount', [folder]);
    },
  };
}
