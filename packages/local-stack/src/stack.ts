import { appendFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { StackAddresses } from './addresses.ts';
import { type DataFolder, openDataFolder } from './data-folder.ts';
import { StackError } from './errors.ts';
import {
  brokerNames,
  createServiceDatabases,
  defineInfrastructure,
  infrastructurePorts,
  portOf,
} from './infrastructure.ts';
import { runToEnd } from './launcher.ts';
import { host } from './ports.ts';
import { administratorUrl, auditor, postgresUrl } from './postgres.ts';
import { registryUrl } from './registry.ts';
import { openRoutes, type Routes, routePorts } from './routes.ts';
import { type Runtime, resolveRuntime, resolveSearchRuntime } from './runtime.ts';
import { searchUrl } from './search.ts';
import {
  defineAuditor,
  definePaymentProvider,
  defineService,
  provisionCommand,
  type ServiceOptions,
} from './service-processes.ts';
import { databaseOf, databaseOwners, serviceNames } from './services.ts';
import { instances, type StackOptions } from './stack-options.ts';
import {
  createSupervisedProcess,
  type Exit,
  type ProcessDefinition,
  type SupervisedProcess,
} from './supervised-process.ts';

/** A running stack. Names: kafka (kafka-2, kafka-3), registry, postgres, mail, search, payment-provider, order, … and order-2 for a second instance. */
export interface Stack {
  readonly addresses: StackAddresses;
  /** Absolute. */
  readonly directory: string;
  /** postgres://…: the superuser, for tests that look from outside. No service gets it. */
  readonly administratorUrl: string;
  logFile(name: string): string;
  pid(name: string): number | undefined;
  /** Resolves when it answers: at once, or when it has been started again. */
  ready(name: string): Promise<void>;
  /**
   * Default SIGKILL. Waits until the process is gone, if the signal ends one, and answers how it ended. It is then
   * started again.
   */
  kill(name: string, signal?: NodeJS.Signals): Promise<Exit | undefined>;
  /** Stays down until `startProcess`. */
  stopProcess(name: string, signal?: NodeJS.Signals): Promise<void>;
  /** Resolves when it answers. */
  startProcess(name: string): Promise<void>;
  restartProcess(name: string, signal?: NodeJS.Signals): Promise<void>;
  /** Services first, then the infrastructure. */
  stop(): Promise<void>;
}

/**
 * Starts the infrastructure side by side, provisions it, then starts the services. Throws a StackError, with all
 * stopped again, when something doesn't come up.
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const directory = resolve(options.directory ?? '.skald');
  const onProgress = options.onProgress ?? (() => {});
  const names = instances(options).map(([name]) => name);
  const { brokers = 1, search = false, route, audits } = options;
  const ports = [
    ...infrastructurePorts(brokers, search),
    'payment-provider',
    ...(audits === undefined ? [] : ['auditor']),
    ...names,
    ...routePorts(route, names, brokers),
  ];
  const folder = await openDataFolder(directory, { ports, fresh: options.fresh ?? false, onProgress });
  const builder = createBuilder(directory, folder, options);
  try {
    await builder.start();
  } catch (error) {
    await builder.stack.stop();
    throw error;
  }
  return builder.stack;
}

function createBuilder(
  directory: string,
  { pidFile, passwords, operatorToken, reservation, publish }: DataFolder,
  options: StackOptions,
) {
  const onProgress = options.onProgress ?? (() => {});
  const wanted = instances(options);
  const logFile = (name: string) => join(directory, 'logs', `${name}.log`);
  const port = portOf(reservation);
  const processes = new Map<string, SupervisedProcess>();
  const services: SupervisedProcess[] = [];
  const { brokers = 1, search = false } = options;
  let runtime: Promise<Runtime> | undefined;
  let routes: Routes | undefined;

  const addresses: StackAddresses = {
    services: Object.fromEntries(wanted.map(([name]) => [name, `http://${host}:${port(name)}`])),
    kafka: { brokers: brokerNames(brokers).map((name) => `${host}:${port(name)}`) },
    registry: registryUrl(port('registry')),
    postgres: Object.fromEntries(
      databaseOwners.map((name) => {
        const role = databaseOf(name);
        return [name, postgresUrl(port('postgres'), role, passwords[role] ?? '', role)];
      }),
    ),
    auditor: Object.fromEntries(
      serviceNames.map((name) => [
        name,
        postgresUrl(port('postgres'), auditor, passwords[auditor] ?? '', name),
      ]),
    ),
    mail: { smtp: `smtp://${host}:${port('smtp')}`, messages: `http://${host}:${port('mail')}/messages` },
    paymentProvider: `http://${host}:${port('payment-provider')}`,
    ...(search && { search: searchUrl(port('search')) }),
    operatorToken,
    ...(options.audits !== undefined && { verdict: `http://${host}:${port('auditor')}` }),
    get pids() {
      const alive = [...processes.values()].flatMap((process) => [[process.name, process.pid()] as const]);
      return Object.fromEntries(alive.filter((entry): entry is [string, number] => entry[1] !== undefined));
    },
  };
  const { kafka, registry, paymentProvider, mail } = addresses;
  publish({
    kafka,
    registry,
    auditor: addresses.auditor,
    paymentProvider,
    mail,
    ...(addresses.search !== undefined && { search: addresses.search }),
  });
  const serviceOptions: ServiceOptions = {
    directory,
    addresses,
    addressesOf: (instance) => routes?.addressesOf(instance, addresses) ?? addresses,
    reservation,
    environment: options.environment ?? {},
    nodeArguments: options.nodeArguments ?? [],
    logFile,
  };

  function supervise(definition: ProcessDefinition): SupervisedProcess {
    const process = createSupervisedProcess(definition, {
      pidFile,
      restart: options.restart ?? true,
      onEvent: onProgress,
    });
    processes.set(definition.name, process);
    return process;
  }

  /** One that fails ends the wait for all, as the caller's abort does. */
  async function startAll(group: readonly SupervisedProcess[]): Promise<void> {
    options.signal?.throwIfAborted();
    const startedAt = Date.now();
    const aborted = abortOf(options.signal);
    await Promise.race([
      aborted,
      Promise.all(
        group.map(async (process) => {
          await process.start();
          if (process.name === 'postgres') await createServiceDatabases(port('postgres'), passwords);
          onProgress(`${process.name} is ready (${((Date.now() - startedAt) / 1_000).toFixed(1)} s)`);
        }),
      ),
    ]);
  }

  async function start(): Promise<void> {
    runtime = resolveRuntime(onProgress, options.signal);
    runtime.catch(() => {});
    const resolved = runtime;
    // One after the other, as they share Maven's own folder: two of it at once may spoil what both write.
    const searchRuntime = search
      ? resolved.then(() => resolveSearchRuntime(onProgress, options.signal))
      : undefined;
    searchRuntime?.catch(() => {});
    const names = wanted.map(([name]) => name);
    routes = await openRoutes(options.route, names, brokers, reservation);
    const definitions = defineInfrastructure({
      directory,
      reservation,
      passwords,
      brokers,
      listeners: routes.listeners,
      logFile,
      runtime: () => resolved,
      searchRuntime: searchRuntime && (() => searchRuntime),
    });
    await startAll(definitions.map(supervise));
    if (wanted.some(([, service]) => service === 'payment')) {
      services.push(supervise(definePaymentProvider(serviceOptions)));
    } else await reservation.release('payment-provider');
    const provisioned = (options.provision ?? wanted.length > 0) && provision(serviceOptions, onProgress);
    await Promise.all([provisioned, startAll(services)]);
    await options.beforeServices?.(addresses);
    const started = wanted.map(([name, service]) => supervise(defineService(service, name, serviceOptions)));
    // It looks at what is there; that the system is ready doesn't hang on it.
    if (options.audits !== undefined) started.push(supervise(defineAuditor(serviceOptions, options.audits)));
    services.push(...started);
    await startAll(started);
  }

  function find(name: string): SupervisedProcess {
    const process = processes.get(name);
    if (!process)
      throw new StackError(`No process is called ${name}. There are: ${[...processes.keys()].join(', ')}`);
    return process;
  }

  async function stopAll(): Promise<void> {
    pidFile.markStopping();
    await Promise.all(services.map((process) => process.stop()));
    await Promise.all([...processes.values()].map((process) => process.stop()));
    await reservation.releaseAll();
    pidFile.delete();
  }

  let stopped: Promise<void> | undefined;
  /** Once: by the second call, the folder may be another stack's. */
  const stop = (): Promise<void> => {
    stopped ??= stopAll();
    return stopped;
  };

  const stack: Stack = {
    addresses,
    directory,
    administratorUrl: administratorUrl(port('postgres'), passwords['administrator'] ?? ''),
    logFile,
    pid: (name) => find(name).pid(),
    ready: (name) => find(name).ready(),
    kill: (name, signal = 'SIGKILL') => find(name).kill(signal),
    stopProcess: (name, signal) => find(name).stop(signal),
    startProcess: (name) => find(name).start(),
    async restartProcess(name, signal) {
      await find(name).stop(signal);
      await find(name).start();
    },
    stop,
  };
  return { stack, start };
}

async function provision(options: ServiceOptions, onProgress: (line: string) => void): Promise<void> {
  const logFile = options.logFile('provision');
  const startedAt = Date.now();
  try {
    appendFileSync(logFile, `${await runToEnd(provisionCommand(options))}\n`);
    onProgress(`topics and schemas are there (${((Date.now() - startedAt) / 1_000).toFixed(1)} s)`);
  } catch (cause) {
    appendFileSync(logFile, `${String(cause)}\n`);
    throw new StackError('The topics or schemas could not be made', { cause, logFile });
  }
}

/** Rejects when the signal fires, and never resolves. */
const abortOf = (signal: AbortSignal | undefined): Promise<never> =>
  new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
