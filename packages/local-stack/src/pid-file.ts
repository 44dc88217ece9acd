import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { runs, signalProcess, startTime } from './process-table.ts';

const entrySchema = z.object({
  pid: z.int().positive(),
  started: z.string(),
  stopSignal: z.enum(['SIGTERM', 'SIGINT']),
});
const fileSchema = z.object({
  supervisor: entrySchema,
  stopping: z.boolean(),
  processes: z.record(z.string(), entrySchema),
});
type Entry = z.infer<typeof entrySchema>;
type Contents = z.infer<typeof fileSchema>;

/** Who runs in a data folder, so that the next start can end what a killed supervisor left behind. */
export interface PidFile {
  add(name: string, pid: number, stopSignal: 'SIGTERM' | 'SIGINT'): void;
  remove(name: string): void;
  /** Tells a start that waits that it needn't wait in vain. */
  markStopping(): void;
  delete(): void;
}

export function createPidFile(path: string): PidFile {
  const contents: Contents = { supervisor: entry(process.pid, 'SIGTERM'), stopping: false, processes: {} };
  const write = () => {
    const aside = `${path}.${process.pid}`;
    writeFileSync(aside, JSON.stringify(contents, null, 2));
    renameSync(aside, path);
  };
  write();
  return {
    add(name, pid, stopSignal) {
      contents.processes[name] = entry(pid, stopSignal);
      write();
    },
    remove(name) {
      delete contents.processes[name];
      write();
    },
    markStopping() {
      contents.stopping = true;
      write();
    },
    delete: () => rmSync(path, { force: true }),
  };
}

const entry = (pid: number, stopSignal: Entry['stopSignal']): Entry => ({
  pid,
  started: startTime(pid) ?? '',
  stopSignal,
});

/**
 * Waits for a supervisor that is alive to end: long if it says that it is stopping, else only for as long as it may take to
 * notice that whoever started it was killed. Answers its pid if it stays.
 */
export async function awaitSupervisor(
  path: string,
  patience = { any: 1_500, stopping: 40_000 },
): Promise<number | undefined> {
  const startedAt = Date.now();
  for (;;) {
    const contents = read(path);
    if (contents === undefined || !isAlive(contents.supervisor)) return undefined;
    const { supervisor, stopping } = contents;
    const isOurs = supervisor.pid === process.pid;
    if (Date.now() - startedAt > (stopping ? patience.stopping : isOurs ? 0 : patience.any))
      return supervisor.pid;
    await delay(50);
  }
}

/** Ends what a dead supervisor left: asks, waits up to `patience` ms, kills. Answers the names. */
export async function endLeftovers(path: string, patience = 10_000): Promise<string[]> {
  const left = Object.entries(read(path)?.processes ?? {}).filter(([, process]) => isAlive(process));
  for (const [, { pid, stopSignal }] of left) {
    signalProcess(pid, stopSignal);
    signalProcess(pid, 'SIGCONT');
  }
  const deadline = Date.now() + patience;
  while (left.some(([, process]) => isAlive(process)) && Date.now() < deadline) await delay(25);
  for (const [, process] of left) if (isAlive(process)) signalProcess(process.pid, 'SIGKILL');
  while (left.some(([, process]) => isAlive(process))) await delay(25);
  rmSync(path, { force: true });
  return left.map(([name]) => name);
}

const isAlive = ({ pid, started }: Entry): boolean => runs(pid, started);

function read(path: string): Contents | undefined {
  try {
    return fileSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    // None, or written by something else: nothing that we could safely signal.
    return undefined;
  }
}
