import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Stack } from '@skald/local-stack';
import { type Contender, fetchStock, type ServiceName, serviceNames } from './contender.ts';
import type { Profiling } from './profiling.ts';
import { createTopics, topicOf, untilConsuming } from './topics.ts';

const readyWithinMs = 60_000;

/** A contender whose five services are programs of the benchmark. */
export interface Programs {
  /** Of the contender, and before its topics and groups. */
  readonly name: string;
  /** Holds order.js, inventory.js and so on. */
  readonly folder: URL;
}

interface Running {
  readonly url: string;
  readonly child: ChildProcess;
}

/** Five services as processes on a stack of their own. Their databases are the stack's. */
export async function startPrograms(
  { name, folder }: Programs,
  stack: Stack,
  profiling: Profiling | undefined,
): Promise<Contender> {
  const { kafka, postgres } = stack.addresses;
  await createTopics(name, kafka.brokers);
  const running = {} as Record<ServiceName, Running>;
  const stop = async (): Promise<void> => {
    await Promise.all(Object.values(running).map(({ child }) => end(child)));
  };
  try {
    for (const service of serviceNames) {
      const program = fileURLToPath(new URL(`${service}.js`, folder));
      const log = join(stack.directory, 'logs', `${name}-${service}.log`);
      running[service] = await startProgram(program, log, profiling?.nodeArguments ?? [], {
        ...profiling?.environment,
        DATABASE_URL: postgres[service] ?? '',
        KAFKA_BROKERS: kafka.brokers.join(','),
      });
    }
    await Promise.all(Object.values(running).map((service) => untilHealthy(name, service)));
    await untilConsuming(name, kafka.brokers);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    name,
    target: {
      url: running.order.url,
      brokers: kafka.brokers,
      topic: topicOf(name, 'order'),
      format: 'json',
    },
    databaseUrl: stack.administratorUrl,
    pids: () => ({
      ...Object.fromEntries(serviceNames.map((service) => [service, livingPid(running[service].child)])),
      kafka: stack.pid('kafka') ?? 0,
      postgres: stack.pid('postgres') ?? 0,
    }),
    stockOf: (sku) => fetchStock(running.inventory.url, sku),
    stop,
  };
}

async function startProgram(
  program: string,
  logFile: string,
  nodeArguments: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Running> {
  const port = await freePort();
  const log = openSync(logFile, 'a');
  const child = spawn(process.execPath, [...nodeArguments, program], {
    env: {
      ...process.env,
      ...environment,
      HTTP_PORT: String(port),
      KAFKAJS_NO_PARTITIONER_WARNING: '1',
    },
    stdio: ['ignore', log, log, 'ipc'],
  });
  return { url: `http://127.0.0.1:${port}`, child };
}

/** 0 once it has ended, so that a run notices. */
const livingPid = ({ pid, exitCode, signalCode }: ChildProcess): number =>
  exitCode === null && signalCode === null ? (pid ?? 0) : 0;

async function untilHealthy(name: string, { url, child }: Running): Promise<void> {
  const deadline = performance.now() + readyWithinMs;
  while (performance.now() < deadline) {
    if (livingPid(child) === 0) throw new Error(`A service of the ${name} ended with ${child.exitCode}`);
    const answer = await fetch(`${url}/health`).catch(() => undefined);
    if (answer?.ok === true) return;
    await sleep(100);
  }
  throw new Error(`A service of the ${name} didn't get ready within ${readyWithinMs} ms`);
}

async function end(child: ChildProcess): Promise<void> {
  if (livingPid(child) === 0) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(late);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
