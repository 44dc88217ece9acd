import { type ChildProcess, execFileSync, type SpawnOptions, spawn } from 'node:child_process';
import { openSync } from 'node:fs';

/** Another user to run a program as: possible for root alone. */
export interface User {
  readonly uid: number;
  readonly gid: number;
  /** The program and its data lie in folders that this user can't enter, such as /root. */
  readonly reachesAll: boolean;
}

export interface Command {
  readonly file: string;
  readonly arguments: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly user?: User | undefined;
}

export type StopSignal = 'SIGTERM' | 'SIGINT';

/**
 * Starts the command with its output appended to the log file. It gets a session of its own, so that Ctrl-C reaches
 * the supervisor alone, and, where the system can do it, the stop signal when the supervisor dies.
 */
export function launch(command: Command, logFile: string, stopSignal: StopSignal): ChildProcess {
  const log = openSync(logFile, 'a');
  const { file, args, options } = wrapped(command, stopSignal);
  return spawn(file, args, {
    ...options,
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...process.env, ...command.environment },
  });
}

/** Runs the command to its end: its output, or an error that holds it. For short programs such as initdb. */
export function runToEnd(command: Command): Promise<string> {
  const { file, args, options } = wrapped(command, 'SIGTERM');
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      ...options,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...command.environment },
    });
    const output: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => output.push(chunk));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const text = Buffer.concat(output).toString().trimEnd();
      if (code === 0) resolve(text);
      else reject(new Error(`${command.file} ended with ${code ?? signal}:\n${text}`));
    });
  });
}

function wrapped(
  command: Command,
  stopSignal: StopSignal,
): { file: string; args: string[]; options: SpawnOptions } {
  const { file, arguments: args, user } = command;
  if (!hasSetpriv()) return { file, args: [...args], options: user ? { uid: user.uid, gid: user.gid } : {} };
  const asUser = user === undefined ? [] : userFlags(user);
  return { file: 'setpriv', args: [...asUser, '--pdeathsig', stopSignal, '--', file, ...args], options: {} };
}

/**
 * A user other than root who may enter every folder: what initdb and postgres refuse is the user, not the right.
 * `no_setuid_fixup`: access(2), which initdb asks for its neighbours, leaves out the rights of who isn't root otherwise.
 */
const userFlags = ({ uid, gid, reachesAll }: User): string[] => [
  `--reuid=${uid}`,
  `--regid=${gid}`,
  '--clear-groups',
  ...(reachesAll ? [] : privateFolders),
];

const privateFolders = [
  '--securebits=+no_setuid_fixup',
  '--inh-caps=+dac_override',
  '--ambient-caps=+dac_override',
] as const;

let setprivFound: boolean | undefined;

/** util-linux has it; busybox's lacks the death signal, and other systems have none. */
function hasSetpriv(): boolean {
  if (setprivFound === undefined) {
    try {
      execFileSync('setpriv', ['--pdeathsig', 'SIGTERM', '--', 'true'], { stdio: 'ignore' });
      setprivFound = true;
    } catch {
      setprivFound = false;
    }
  }
  return setprivFound;
}
