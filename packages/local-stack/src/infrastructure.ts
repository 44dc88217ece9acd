import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findJava, type Java } from './java.ts';
import { brokerName, clusterIdIn, defineKafka } from './kafka.ts';
import type { KafkaListener } from './kafka-settings.ts';
import { host, type PortReservation } from './ports.ts';
import { administratorUrl, auditor, createAuditor, createDatabases, definePostgres } from './postgres.ts';
import { answersOk } from './probes.ts';
import { defineRegistry } from './registry.ts';
import type { Runtime, SearchRuntime } from './runtime.ts';
import { defineSearch } from './search.ts';
import type { ProcessDefinition } from './supervised-process.ts';

/** The ports that the infrastructure listens on. */
export const infrastructurePorts = (brokers: number, hasSearch: boolean): string[] => [
  ...brokerNames(brokers).flatMap((name) => [name, controllerOf(name)]),
  'registry',
  'postgres',
  'smtp',
  'mail',
  ...(hasSearch ? searchPorts : []),
];

const searchPorts = ['search', 'search-transport'] as const;

export const brokerNames = (brokers: number): string[] =>
  Array.from({ length: brokers }, (_, index) => brokerName(index + 1));

const controllerOf = (broker: string): string => `${broker}-controller`;

export interface InfrastructureOptions {
  readonly directory: string;
  readonly reservation: PortReservation;
  /** Of the services' roles, `administrator` and `auditor`. */
  readonly passwords: Readonly<Record<string, string>>;
  readonly brokers: number;
  /** Of the broker with this id, beside the one that all share. */
  listeners(broker: number): readonly KafkaListener[];
  logFile(name: string): string;
  runtime(): Promise<Runtime>;
  /** Undefined: there is no search engine. */
  readonly searchRuntime: (() => Promise<SearchRuntime>) | undefined;
}

/** Kafka, registry, Postgres, mail sink and, where it is asked for, the search engine, as processes to supervise. */
export function defineInfrastructure(options: InfrastructureOptions): ProcessDefinition[] {
  const { directory, reservation, logFile, runtime } = options;
  const java = findJava();
  const port = portOf(reservation);
  return [
    ...defineBrokers(options, java),
    defineRegistry({
      directory: join(directory, 'registry'),
      logFile: logFile('registry'),
      port: port('registry'),
      java,
      runtime,
      releasePorts: () => reservation.release('registry'),
    }),
    definePostgres({
      directory: join(directory, 'postgres'),
      logFile: logFile('postgres'),
      port: port('postgres'),
      administratorPassword: options.passwords['administrator'] ?? '',
      releasePorts: () => reservation.release('postgres'),
    }),
    defineMail(options, port('smtp'), port('mail')),
    ...(options.searchRuntime === undefined
      ? []
      : [
          defineSearch({
            directory: join(directory, 'search'),
            logFile: logFile('search'),
            port: port('search'),
            transportPort: port('search-transport'),
            java,
            runtime: options.searchRuntime,
            releasePorts: async () => {
              await Promise.all(searchPorts.map((reserved) => reservation.release(reserved)));
            },
          }),
        ]),
  ];
}

function defineBrokers(options: InfrastructureOptions, java: Java): ProcessDefinition[] {
  const { directory, reservation, logFile, runtime } = options;
  const port = portOf(reservation);
  const names = brokerNames(options.brokers);
  const clusterId = clusterIdIn(join(directory, brokerName(1)));
  return names.map((name, index) => {
    const listeners = options.listeners(index + 1);
    const own = [name, controllerOf(name), ...listeners.map((listener) => `${name}:${listener.name}`)];
    return defineKafka({
      name,
      id: index + 1,
      directory: join(directory, name),
      logFile: logFile(name),
      port: port(name),
      listeners,
      controllerPorts: names.map((node) => port(controllerOf(node))),
      clusterId,
      java,
      runtime,
      releasePorts: async () => {
        await Promise.all(own.map((reserved) => reservation.release(reserved)));
      },
    });
  });
}

/** From the sources as from the build: programs run from the build. */
const mailProgram = fileURLToPath(new URL('../dist/mail-main.js', import.meta.url));

function defineMail(
  { directory, reservation, logFile }: InfrastructureOptions,
  smtp: number,
  http: number,
): ProcessDefinition {
  return {
    name: 'mail',
    logFile: logFile('mail'),
    readyWithin: 30_000,
    stopSignal: 'SIGTERM',
    stopWithin: 10_000,
    answers: () => answersOk(`http://${host}:${http}/`),
    async command() {
      await Promise.all([reservation.release('smtp'), reservation.release('mail')]);
      const file = join(directory, 'mails.jsonl');
      return { file: process.execPath, arguments: [mailProgram, host, String(smtp), String(http), file] };
    },
  };
}

export const portOf =
  (reservation: PortReservation) =>
  (name: string): number => {
    const port = reservation.ports[name];
    if (port === undefined) throw new Error(`No port was reserved for ${name}`);
    return port;
  };

/** Databases and roles, once Postgres answers. */
export async function createServiceDatabases(
  port: number,
  passwords: Readonly<Record<string, string>>,
): Promise<void> {
  const { administrator = '', [auditor]: auditorPassword = '', ...roles } = passwords;
  const url = administratorUrl(port, administrator);
  await createDatabases(url, roles);
  await createAuditor(url, auditorPassword, Object.keys(roles));
}
