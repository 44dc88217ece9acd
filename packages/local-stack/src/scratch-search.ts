import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findJava } from './java.ts';
import { reservePorts } from './ports.ts';
import { resolveSearchRuntime } from './runtime.ts';
import { defineSearch, searchUrl } from './search.ts';
import { createSupervisedProcess } from './supervised-process.ts';

export interface ScratchSearch {
  /** http://host:port */
  readonly url: string;
  /** Ends it, and removes all that it held. */
  stop(): Promise<void>;
}

/**
 * A search engine for one program alone, which ends with it, in a folder that goes with it. Throws a StackError: Java or
 * Maven is missing, the engine can't be fetched, or doesn't start.
 */
export async function startScratchSearch(
  onProgress: (line: string) => void = () => {},
): Promise<ScratchSearch> {
  const java = findJava();
  const runtime = await resolveSearchRuntime(onProgress);
  const folder = mkdtempSync(join(tmpdir(), 'skald-search-'));
  // It runs as another user where the program runs as root.
  chmodSync(folder, 0o755);
  const reservation = await reservePorts(['search', 'search-transport'], {});
  const port = reservation.ports['search'] ?? 0;
  const nothing = () => {};
  const server = createSupervisedProcess(
    defineSearch({
      directory: join(folder, 'search'),
      logFile: join(folder, 'search.log'),
      port,
      transportPort: reservation.ports['search-transport'] ?? 0,
      java,
      runtime: async () => runtime,
      releasePorts: () => reservation.releaseAll(),
    }),
    // Nobody starts in its folder again, so nobody looks there for what was left running.
    {
      pidFile: { add: nothing, remove: nothing, markStopping: nothing, delete: nothing },
      restart: false,
      onEvent: nothing,
    },
  );
  const stop = async () => {
    await server.stop();
    await reservation.releaseAll();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await server.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: searchUrl(port), stop };
}
