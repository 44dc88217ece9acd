import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type {
  LoadAudit,
  LoadCommand,
  LoadMessage,
  LoadPlan,
  LoadProgress,
  LoadResult,
  LoadTarget,
} from './load-protocol.ts';

export interface RunObserver {
  onProgress(progress: LoadProgress): void;
  /** The measured window begins. */
  onMeasuring(): void;
  /** The last order of the window is due. */
  onMeasured(): void;
}

/** The load generator's process, seen from the benchmark's. */
export interface Generator {
  readonly pid: number;
  run(plan: LoadPlan, observer: RunObserver): Promise<LoadResult>;
  /** Ends the generator and says what it was promised. */
  finish(): Promise<LoadAudit>;
  stop(): void;
}

/** Whatever it is asked fails once the signal has fired. */
export async function startGenerator(target: LoadTarget, signal: AbortSignal): Promise<Generator> {
  const child = fork(fileURLToPath(new URL('./load.js', import.meta.url)), {
    serialization: 'advanced',
    signal,
  });
  // Said by its end as well.
  child.on('error', () => {});
  const ask = createDialogue(child);
  await ask({ kind: 'connect', target }, (message) => (message.kind === 'connected' ? true : undefined));
  return {
    pid: child.pid ?? 0,
    run: (plan, observer) =>
      ask({ kind: 'run', plan }, (message) => {
        if (message.kind === 'progress') observer.onProgress(message.progress);
        if (message.kind === 'measuring') observer.onMeasuring();
        if (message.kind === 'measured') observer.onMeasured();
        return message.kind === 'done' ? message.result : undefined;
      }),
    finish: () =>
      ask({ kind: 'finish' }, (message) => (message.kind === 'finished' ? message.audit : undefined)),
    stop: () => {
      child.kill('SIGKILL');
    },
  };
}

type Ask = <T>(command: LoadCommand, read: (message: LoadMessage) => T | undefined) => Promise<T>;

/** One command at a time; `read` sees every message until it finds the answer. */
function createDialogue(child: ChildProcess): Ask {
  return (command, read) =>
    new Promise((resolve, reject) => {
      const end = (act: () => void): void => {
        child.off('message', onMessage);
        child.off('exit', onExit);
        act();
      };
      const onMessage = (message: LoadMessage): void => {
        if (message.kind === 'failed') {
          end(() => reject(new Error(`The load generator failed: ${message.message}`)));
          return;
        }
        const answer = read(message);
        if (answer !== undefined) end(() => resolve(answer));
      };
      const onExit = (code: number | null): void =>
        end(() => reject(new Error(`The load generator ended with ${code}`)));
      child.on('message', onMessage);
      child.on('exit', onExit);
      child.send(command);
    });
}
