import { type FileHandle, open } from 'node:fs/promises';
import type { Entry } from './simulator.ts';

export interface LedgerFile {
  /** What the file held when it was opened, oldest first. */
  readonly entries: readonly Entry[];
  /** Resolves once the entry is on disk; entries that arrive together share a flush. */
  append(entry: Entry): Promise<void>;
  /** Resolves once all that was appended so far is on disk. */
  flushed(): Promise<void>;
  close(): Promise<void>;
}

/** Opens the ledger, one JSON entry a line, and makes it where it isn't there. A line that a crash tore is cut off. */
export async function openLedgerFile(path: string): Promise<LedgerFile> {
  const file = await open(path, 'a+');
  const entries = await readEntries(file);
  let waiting: string[] = [];
  let last: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;

  async function flush(): Promise<void> {
    next = undefined;
    const lines = waiting;
    waiting = [];
    await file.appendFile(lines.join(''));
    await file.datasync();
  }

  return {
    entries,
    append(entry) {
      waiting.push(`${JSON.stringify(entry)}\n`);
      // After a failed write nothing is appended any more: the memory is ahead of the disk.
      next ??= last = last.then(flush);
      return next;
    },
    flushed: () => last,
    async close() {
      await last;
      await file.close();
    },
  };
}

async function readEntries(file: FileHandle): Promise<Entry[]> {
  const text = await file.readFile('utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole.length < text.length) await file.truncate(Buffer.byteLength(whole));
  return whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Entry);
}
