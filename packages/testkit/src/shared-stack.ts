import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Stack, type StackAddresses, type StackOptions, startStack } from '@skald/local-stack';
import { ask } from './http.ts';

/** What tests in other processes need to know of a stack: plain data. */
export interface SharedStack {
  readonly addresses: StackAddresses;
  /** Where processes are stopped and started. */
  readonly control: string;
}

export interface RunningSharedStack extends SharedStack {
  readonly stack: Stack;
  /** Keeps the folder with its logs if asked to, to look at what went wrong. */
  stop(options?: { keepFolder: boolean }): Promise<void>;
}

/** Starts a stack in a folder of its own, for test files that run in processes of their own. */
export async function startSharedStack(options: StackOptions = {}): Promise<RunningSharedStack> {
  const directory = await mkdtemp(join(tmpdir(), 'skald-test-'));
  // Postgres runs as another user where the tests run as root.
  await chmod(directory, 0o755);
  const stack = await startStack({ directory, ...options });
  const control = await serveControl(stack);
  return {
    stack,
    // Read now: where processes run changes, and plain data can't tell.
    addresses: { ...stack.addresses },
    control: control.url,
    async stop({ keepFolder } = { keepFolder: false }) {
      control.close();
      await stack.stop();
      if (!keepFolder) await rm(directory, { recursive: true, force: true });
    },
  };
}

const acts = {
  stop: (stack: Stack, name: string) => stack.stopProcess(name),
  start: (stack: Stack, name: string) => stack.startProcess(name),
  kill: (stack: Stack, name: string) => stack.kill(name),
  ready: (stack: Stack, name: string) => stack.ready(name),
} as const;

type Act = keyof typeof acts;

const isAct = (text: string | undefined): text is Act => text !== undefined && Object.hasOwn(acts, text);

/** POST /{act}/{process}: answers once it is done. */
async function serveControl(stack: Stack): Promise<{ url: string; close(): void }> {
  const server = createServer((request, response) => {
    const [, act, name = ''] = (request.url ?? '').split('/');
    if (request.method !== 'POST' || !isAct(act)) {
      response.writeHead(404).end();
      return;
    }
    acts[act](stack, name).then(
      () => response.writeHead(204).end(),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
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

/** Names: order, inventory, …, payment-provider, kafka, registry, postgres, mail. */
export interface StackControl {
  /** SIGTERM; it stays down. */
  stop(name: string): Promise<void>;
  /** Resolves when it answers. */
  start(name: string): Promise<void>;
  /** SIGKILL; it is started again by itself. */
  kill(name: string): Promise<void>;
  /** Resolves when it answers. */
  ready(name: string): Promise<void>;
}

export function connectControl({ control }: Pick<SharedStack, 'control'>): StackControl {
  const post = (act: Act) => (name: string) =>
    ask<void>(`${control}/${act}/${name}`, { method: 'POST', timeoutMs: 120_000 });
  return { stop: post('stop'), start: post('start'), kill: post('kill'), ready: post('ready') };
}
