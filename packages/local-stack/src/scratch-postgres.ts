import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reservePorts } from './ports.ts';
import { administratorUrl, definePostgres } from './postgres.ts';
import { createSecret } from './state.ts';
import { createSupervisedProcess } from './supervised-process.ts';

export interface ScratchPostgres {
  /** Of a role that may create databases. */
  readonly url: string;
  /** Ends it, and removes all that it held. */
  stop(): Promise<void>;
}

/** A Postgres for one program alone, which ends with it, in a folder that goes with it. Throws a StackError. */
export async function startScratchPostgres(): Promise<ScratchPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'skald-scratch-'));
  // It runs as another user where the program runs as root.
  chmodSync(folder, 0o755);
  const reservation = await reservePorts(['postgres'], {});
  const port = reservation.ports['postgres'] ?? 0;
  const administratorPassword = createSecret();
  const nothing = () => {};
  const server = createSupervisedProcess(
    definePostgres({
      directory: join(folder, 'postgres'),
      logFile: join(folder, 'postgres.log'),
      port,
      administratorPassword,
      releasePorts: () => reservation.release('postgres'),
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
  return { url: administratorUrl(port, administratorPassword), stop };
}
