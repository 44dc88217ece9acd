import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { runs, startTime } from './process-table.ts';

/**
 * Runs `work` while holding the lock file, so that two starts side by side don't do the same thing twice. A lock whose
 * owner died is taken over. `onWait` is called once if another process holds it.
 */
export async function withFileLock<T>(
  path: string,
  work: () => Promise<T>,
  onWait: (owner: string) => void = () => {},
): Promise<T> {
  let waited = false;
  while (!take(path)) {
    const owner = ownerOf(path);
    if (owner === undefined) continue;
    if (!runs(owner.pid, owner.started)) {
      takeAway(path, owner.text);
      continue;
    }
    if (!waited) onWait(String(owner.pid));
    waited = true;
    await delay(100);
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

/** A link, as it is atomic and never shows a half-written owner. */
function take(path: string): boolean {
  const aside = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  writeFileSync(aside, `${process.pid} ${startTime(process.pid) ?? ''}`);
  try {
    linkSync(aside, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function ownerOf(path: string): { pid: number; started: string; text: string } | undefined {
  try {
    const text = readFileSync(path, 'utf8');
    const [pid = '', started = ''] = text.split(' ');
    return { pid: Number(pid), started, text };
  } catch {
    return undefined;
  }
}

/** Two waiters may find the same dead owner: what the slower one moved away by mistake is put back. */
function takeAway(path: string, expected: string): void {
  const aside = `${path}.dead.${process.pid}`;
  try {
    renameSync(path, aside);
    if (readFileSync(aside, 'utf8') === expected) rmSync(aside, { force: true });
    else renameSync(aside, path);
  } catch {
    // The other waiter was faster.
  }
}
