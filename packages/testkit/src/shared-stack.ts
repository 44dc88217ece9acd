import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Stack, type StackAddresses, type StackOptions, startStack } from '@skald/local-stack';
import { eventually } from './eventually.ts';
import { ask } from './http.ts';

/** What is known of a stack in another process. */
interface StackFacts {
  readonly addresses: StackAddresses;
  readonly administratorUrl: string;
}

/** What tests ask of a stack, wherever it runs. */
export type TestStack = Pick<
  Stack,
  'addresses' | 'administratorUrl' | 'stopProcess' | 'startProcess' | 'kill' | 'ready' | 'stop'
>;

/** A stack for test files that run in processes of their own: it starts when the first of them asks for it. */
export interface SharedStack {
  /** URL to give to `connectStack`. */
  readonly control: string;
  /** Where data and logs are, of each copy that was asked for. */
  readonly folders: readonly string[];
  /** Keeps the folders if asked to, for their logs. */
  stop(options?: { readonly keepFolder: boolean }): Promise<void>;
}

/** A shared stack, seen from a test file. Names: order, inventory, …, payment-provider, kafka, registry, postgres, mail. */
export interface ConnectedStack extends StackFacts {
  /** SIGTERM; it stays down. */
  stop(name: string): Promise<void>;
  /** Resolves when it answers. */
  start(name: string): Promise<void>;
  /** SIGKILL; it is started again by itself. */
  kill(name: string): Promise<void>;
  /** Resolves when it answers. */
  ready(name: string): Promise<void>;
}

/** A cold start on a busy machine, ms. */
const START_TIMEOUT_MS = 240_000;
/** From one test file to the next it takes a few seconds, ms. */
const IDLE_MS = 15_000;
const IDLE_LOOK_MS = 1_000;
/** Of the process that asks. */
const PID_HEADER = 'x-pid';

/**
 * With several `copies`, processes that run at the same time share none: each keeps the one that it was given first. One whose last
 * process is gone is stopped soon, so that the tests that come next have the machine to themselves.
 */
export async function shareStack(options: StackOptions = {}, copies = 1): Promise<SharedStack> {
  const folders: string[] = [];
  let taken: Copy[] = [];
  const stopping: Promise<void>[] = [];

  async function startInFolderOfItsOwn(): Promise<Stack> {
    const folder = await mkdtemp(join(tmpdir(), 'skald-test-'));
    folders.push(folder);
    // Postgres runs as another user where the tests run as root.
    await chmod(folder, 0o755);
    return await startStack({ directory: folder, ...options });
  }

  function stackFor(pid: number): Promise<Stack> | undefined {
    const own = copies === 1 ? taken[0] : taken.find(({ pids }) => pids.has(pid));
    const free = own ?? taken.find((copy) => !isInUse(copy));
    if (free !== undefined) {
      if (copies > 1) free.pids.clear();
      free.pids.add(pid);
      return free.stack;
    }
    if (taken.length === copies) return undefined;
    const stack = startInFolderOfItsOwn();
    taken.push({ pids: new Set([pid]), usedAt: Date.now(), stack });
    return stack;
  }

  const idling = setInterval(() => {
    taken = taken.filter((copy) => {
      if (isInUse(copy)) copy.usedAt = Date.now();
      const isIdle = Date.now() - copy.usedAt > IDLE_MS;
      if (isIdle) stopping.push(stopCopy(copy));
      return !isIdle;
    });
  }, IDLE_LOOK_MS).unref();

  // Whoever had a copy before may be about to end.
  const control = await serveStack(async (pid) => {
    const { stack } = await eventually(
      () => {
        const found = stackFor(pid);
        return found && { stack: found };
      },
      { what: 'a copy of the stack is free' },
    );
    return stack;
  });
  return {
    control: control.url,
    folders,
    async stop({ keepFolder } = { keepFolder: false }) {
      control.close();
      clearInterval(idling);
      await Promise.all([...stopping, ...taken.map(stopCopy)]);
      if (keepFolder) return;
      await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
    },
  };
}

interface Copy {
  /** Of those who were given it. */
  readonly pids: Set<number>;
  /** When one of them was last seen alive, epoch ms. */
  usedAt: number;
  readonly stack: Promise<Stack>;
}

const isInUse = ({ pids }: Copy): boolean => [...pids].some(isAlive);

/** One that did not come up has stopped itself. */
async function stopCopy({ stack }: Copy): Promise<void> {
  await (await stack.catch(() => undefined))?.stop();
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const acts = {
  stop: (stack: TestStack, name: string) => stack.stopProcess(name),
  start: (stack: TestStack, name: string) => stack.startProcess(name),
  kill: (stack: TestStack, name: string) => stack.kill(name),
  ready: (stack: TestStack, name: string) => stack.ready(name),
} as const;

type Act = keyof typeof acts;

const isAct = (text: string): text is Act => Object.hasOwn(acts, text);

/** GET / answers the stack's facts, POST /{act}/{process} answers when it is done. Both start the stack first. */
export async function serveStack(
  getStack: (pid: number) => Promise<TestStack>,
): Promise<{ url: string; close(): void }> {
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const stack = await getStack(Number(request.headers[PID_HEADER] ?? 0));
    const [, act = '', name = ''] = (request.url ?? '').split('/');
    if (isAct(act)) await acts[act](stack, name);
    const { addresses, administratorUrl } = stack;
    const facts: StackFacts = { addresses, administratorUrl };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(facts));
  }
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  // Who asks first waits for the whole start.
  server.requestTimeout = START_TIMEOUT_MS;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Starts the stack unless it runs already. */
export async function connectStack(control: string): Promise<ConnectedStack> {
  const asking = {
    headers: { [PID_HEADER]: String(process.pid) },
    timeoutMs: START_TIMEOUT_MS,
  };
  const act = (name: Act) => async (process: string) => {
    await ask(`${control}/${name}/${process}`, { method: 'POST', ...asking });
  };
  const facts = await ask<StackFacts>(control, asking);
  return { ...facts, stop: act('stop'), start: act('start'), kill: act('kill'), ready: act('ready') };
}
