import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Contender, serviceNames } from './contender.ts';

/** Turns CPU profiles of a contender's services on and off while it runs. */
export interface Profiling {
  readonly folder: string;
  /** What the services have to be started with. */
  readonly environment: Readonly<Record<string, string>>;
  readonly nodeArguments: readonly string[];
  begin(contender: Contender): void;
  /** Resolves once every profile lies in the folder. */
  end(contender: Contender): Promise<void>;
}

const writtenWithinMs = 30_000;

/** Begins with an empty folder: what lies there from before would be counted in. */
export function createProfiling(folder: string): Profiling {
  const profiles = resolve(folder);
  mkdirSync(profiles, { recursive: true });
  for (const file of readdirSync(profiles)) if (file.endsWith('.cpuprofile')) rmSync(join(profiles, file));
  const preload = new URL('./profile-preload.js', import.meta.url).href;
  const pidsOf = (contender: Contender): number[] => {
    const pids = contender.pids();
    return serviceNames.map((name) => pids[name] ?? 0).filter((pid) => pid > 0);
  };
  const toggle = (contender: Contender): void => {
    for (const pid of pidsOf(contender)) process.kill(pid, 'SIGUSR2');
  };
  return {
    folder: profiles,
    environment: { BENCHMARK_PROFILES: profiles },
    nodeArguments: [`--import=${preload}`],
    begin: toggle,
    end: async (contender) => {
      toggle(contender);
      const deadline = performance.now() + writtenWithinMs;
      const isWritten = (pid: number): boolean =>
        readdirSync(profiles).some((file) => file.endsWith(`-${pid}.cpuprofile`));
      while (!pidsOf(contender).every(isWritten) && performance.now() < deadline) await sleep(100);
    },
  };
}
