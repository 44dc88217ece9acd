import { open } from 'node:fs/promises';
import type { Stack } from '@skald/local-stack';

/** What a process has written in its log since the watch began. */
export interface LogWatch {
  lines(): Promise<string[]>;
  /** Lines that hold the text. */
  count(text: string): Promise<number>;
  /** Of a service: warnings and errors. */
  warnings(): Promise<number>;
}

/** From now on. */
export async function watchLog(stack: Stack, process: string): Promise<LogWatch> {
  const file = stack.logFile(process);
  const from = await sizeOf(file);
  const lines = async () => {
    const handle = await open(file, 'r');
    try {
      const { size } = await handle.stat();
      // A log that was begun anew is read from its start.
      const start = size < from ? 0 : from;
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - start), 0, size - start, start);
      return buffer.toString('utf8', 0, bytesRead).split('\n');
    } finally {
      await handle.close();
    }
  };
  const count = async (isWanted: (line: string) => boolean) => (await lines()).filter(isWanted).length;
  return {
    lines,
    count: (text) => count((line) => line.includes(text)),
    warnings: () => count((line) => /"level":"(?:warn|error|fatal)"/.test(line)),
  };
}

async function sizeOf(file: string): Promise<number> {
  const handle = await open(file, 'a+');
  try {
    return (await handle.stat()).size;
  } finally {
    await handle.close();
  }
}
