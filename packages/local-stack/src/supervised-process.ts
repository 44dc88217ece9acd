import type { ChildProcess } from 'node:child_process';
import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { backoff } from './backoff.ts';
import { StackError } from './errors.ts';
import { type Command, launch, type StopSignal } from './launcher.ts';
import type { PidFile } from './pid-file.ts';
import { signalProcess } from './process-table.ts';

export interface ProcessDefinition {
  readonly name: string;
  readonly logFile: string;
  /** Asked before each start. */
  command(): Promise<Command> | Command;
  /** One attempt: does it do its work? */
  answers(): Promise<boolean>;
  /** What it said when it last didn't, for the error message. */
  complaint?(): string | undefined;
  /** ms until a started process must answer. */
  readonly readyWithin: number;
  readonly stopSignal: StopSignal;
  /** ms from the signal until SIGKILL. */
  readonly stopWithin: number;
  /** The process ended: of itself, or asked to. */
  ended?(exit: Exit): void;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Supervision {
  readonly pidFile: PidFile;
  /** Start again what dies. */
  readonly restart: boolean;
  onEvent(line: string): void;
}

export interface SupervisedProcess {
  readonly name: string;
  readonly logFile: string;
  pid(): number | undefined;
  /** Starts it and resolves when it answers. Throws a StackError that quotes its log. */
  start(): Promise<void>;
  /** Resolves when it answers, be it started again in between. */
  ready(): Promise<void>;
  /** Resolves when it is gone; it stays down until `start`. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /**
   * Sends the signal and, if it is one that ends a process, answers how it ended, once it is gone. It is started again.
   * Undefined: it is down, or was not to be ended.
   */
  kill(signal: NodeJS.Signals): Promise<Exit | undefined>;
}

/** Starts in a row without one answer, before the stack gives up on a process that never ran. */
const hopeless = 3;
/** EX_CONFIG of sysexits.h: trying again changes nothing. */
const wrongConfiguration = 78;
/** ms up after which a death counts as the first again. */
const stable = 10_000;
const pollEvery = 25;
const endingSignals: readonly string[] = [
  'SIGKILL',
  'SIGTERM',
  'SIGINT',
  'SIGQUIT',
  'SIGABRT',
  'SIGHUP',
  'SIGSEGV',
];

interface Run {
  readonly child: ChildProcess;
  readonly exit: Promise<Exit>;
}

/** What `start` and `ready` wait for. */
interface Gate {
  readonly passed: Promise<void>;
  isOpen(): boolean;
  open(): void;
  fail(error: Error): void;
}

export function createSupervisedProcess(
  definition: ProcessDefinition,
  supervision: Supervision,
): SupervisedProcess {
  const { name, logFile } = definition;
  let run: Run | undefined;
  let gate = createGate();
  let wanted: AbortController | undefined;
  let loop: Promise<void> = Promise.resolve();

  async function spawnOnce(): Promise<Run> {
    const command = await definition.command();
    const child = launch(command, logFile, definition.stopSignal);
    const exit = exitOf(child);
    if (child.pid !== undefined) supervision.pidFile.add(name, child.pid, definition.stopSignal);
    run = { child, exit };
    return run;
  }

  /** Who waits from now on waits for the next start. Who waits already goes on waiting. */
  function closeGate(): void {
    if (gate.isOpen()) gate = createGate();
  }

  /** Keeps the process up until it is no longer wanted, or hopeless. */
  async function keepUp(signal: AbortSignal): Promise<void> {
    let hasAnswered = false;
    for (let failures = 0; !signal.aborted; ) {
      const startedAt = Date.now();
      const current = await spawnOnce();
      if (signal.aborted) await end(current, definition.stopSignal, definition.stopWithin);
      const isReady = await untilAnswers(current.exit, signal);
      if (isReady) {
        hasAnswered = true;
        gate.open();
      }
      const exit = await current.exit;
      run = undefined;
      supervision.pidFile.remove(name);
      definition.ended?.(exit);
      if (signal.aborted) return;
      closeGate();
      failures = Date.now() - startedAt > stable ? 1 : failures + 1;
      const isHopeless = !hasAnswered && (failures >= hopeless || exit.code === wrongConfiguration);
      if (!supervision.restart || isHopeless) {
        throw new StackError(`${name} ended (${describe(exit)})`, { logFile });
      }
      const pause = backoff(failures);
      supervision.onEvent(
        `${name} ended (${describe(exit)}); starting it again in ${pause} ms. Log: ${logFile}`,
      );
      await delay(pause, undefined, { signal }).catch(() => {});
    }
  }

  /** False when the process ended first. Polls on after `readyWithin`, as `start` has thrown by then. */
  async function untilAnswers(exit: Promise<Exit>, signal: AbortSignal): Promise<boolean> {
    let hasEnded = false;
    void exit.then(() => {
      hasEnded = true;
    });
    while (!hasEnded && !signal.aborted) {
      if (await definition.answers()) return !hasEnded;
      await Promise.race([exit, delay(pollEvery)]);
    }
    return false;
  }

  async function ready(): Promise<void> {
    const current = gate;
    const timer = new AbortController();
    const late = delay(definition.readyWithin, undefined, { signal: timer.signal }).then(() => {
      const complaint = definition.complaint?.();
      const said = complaint === undefined ? '' : `; it says: ${complaint}`;
      throw new StackError(`${name} wasn't ready within ${definition.readyWithin / 1_000} s${said}`, {
        logFile,
      });
    });
    late.catch(() => {});
    try {
      await Promise.race([current.passed, late]);
    } finally {
      timer.abort();
    }
  }

  async function start(): Promise<void> {
    if (wanted) return ready();
    await loop;
    rotate(logFile);
    gate = createGate();
    const controller = new AbortController();
    wanted = controller;
    loop = keepUp(controller.signal).catch((error: unknown) => {
      wanted = undefined;
      gate.fail(error instanceof Error ? error : new Error(String(error)));
      supervision.onEvent(`${name} stays down`);
    });
    return ready();
  }

  async function stop(signal: NodeJS.Signals = definition.stopSignal): Promise<void> {
    wanted?.abort();
    wanted = undefined;
    gate.fail(new StackError(`${name} was stopped`));
    if (run) await end(run, signal, definition.stopWithin);
    await loop;
  }

  async function kill(signal: NodeJS.Signals): Promise<Exit | undefined> {
    const target = run;
    if (target?.child.pid === undefined) return undefined;
    if (endingSignals.includes(signal)) closeGate();
    signalProcess(target.child.pid, signal);
    return endingSignals.includes(signal) ? target.exit : undefined;
  }

  return { name, logFile, pid: () => run?.child.pid, start, ready, stop, kill };
}

/** Signals, wakes it should it be stopped, and kills it when its time is over. */
async function end({ child, exit }: Run, signal: NodeJS.Signals, patience: number): Promise<void> {
  if (child.pid === undefined) return;
  signalProcess(child.pid, signal);
  signalProcess(child.pid, 'SIGCONT');
  const timer = setTimeout(() => child.kill('SIGKILL'), patience);
  await exit;
  clearTimeout(timer);
}

/** A program that can't be started at all counts as ended. */
const exitOf = (child: ChildProcess): Promise<Exit> =>
  new Promise((resolve) => {
    child.once('error', () => resolve({ code: 127, signal: null }));
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });

function createGate(): Gate {
  let opened = false;
  let open: () => void = () => {};
  let fail: (error: Error) => void = () => {};
  const passed = new Promise<void>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  passed.catch(() => {});
  return {
    passed,
    isOpen: () => opened,
    open: () => {
      opened = true;
      open();
    },
    fail: (error) => fail(error),
  };
}

const describe = ({ code, signal }: Exit): string => (signal === null ? `exit code ${code}` : signal);

const largeLog = 10_000_000;

/** One old log is kept when a large one is begun anew. */
function rotate(logFile: string): void {
  if (!existsSync(logFile) || statSync(logFile).size < largeLog) return;
  rmSync(`${logFile}.old`, { force: true });
  renameSync(logFile, `${logFile}.old`);
}
