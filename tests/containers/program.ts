import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { eventually } from '@skald/testkit';

export interface ProgramOptions {
  readonly name: string;
  /** From the root of the repository. */
  readonly file: string;
  /** All that it is told: nothing of ours reaches it, but PATH. */
  readonly environment: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** Answers 200 when it is ready. */
  readonly readyUrl: string;
}

/** One of our programs as a process of this machine. */
export interface Program {
  /** Resolves when it is ready. */
  start(): Promise<void>;
  ready(): Promise<void>;
  /** Resolves when it is gone. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const READY_MS = 90_000;

export function createProgram({ name, file, environment, logFile, readyUrl }: ProgramOptions): Program {
  let child: ChildProcess | undefined;

  const isReady = async (): Promise<boolean> => {
    if (child === undefined || child.exitCode !== null) throw new Error(`${name} has ended: ${logFile}`);
    return (await fetch(readyUrl)).ok;
  };
  const ready = async (): Promise<void> => {
    await eventually(isReady, { timeoutMs: READY_MS, everyMs: 100, what: `${name} is ready (${logFile})` });
  };

  return {
    ready,
    async start() {
      const log = openSync(logFile, 'a');
      const env = { PATH: process.env['PATH'] ?? '', ...environment };
      child = spawn(process.execPath, [file], { cwd: repository, env, stdio: ['ignore', log, log] });
      await ready();
    },
    async stop(signal = 'SIGTERM') {
      const running = child;
      child = undefined;
      if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
      const gone = once(running, 'exit');
      running.kill(signal);
      await gone;
    },
  };
}

/** Runs one to its end. Throws when that is not 0. */
export async function runProgram({
  name,
  file,
  environment,
  logFile,
}: Omit<ProgramOptions, 'readyUrl'>): Promise<void> {
  const log = openSync(logFile, 'a');
  const env = { PATH: process.env['PATH'] ?? '', ...environment };
  const child = spawn(process.execPath, [file], { cwd: repository, env, stdio: ['ignore', log, log] });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`${name} ended with ${code}: ${logFile}`);
}
