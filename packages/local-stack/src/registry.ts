import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type ClassArchive, createClassArchive, type Java } from './java.ts';
import { host } from './ports.ts';
import { answersOk } from './probes.ts';
import type { Runtime } from './runtime.ts';
import type { ProcessDefinition } from './supervised-process.ts';

export interface RegistryOptions {
  readonly directory: string;
  readonly logFile: string;
  readonly port: number;
  readonly java: Java;
  runtime(): Promise<Runtime>;
  /** Called right before the program binds its port. */
  releasePorts(): Promise<void>;
}

/** The Confluent-compatible API, which clients are given. */
export const registryUrl = (port: number): string => `http://${host}:${port}/apis/ccompat/v7`;

/**
 * Apicurio Registry. Its tables live in a file of its own rather than in Postgres, so that either can be down without
 * the other.
 */
export function defineRegistry({
  directory,
  logFile,
  port,
  java,
  runtime,
  releasePorts,
}: RegistryOptions): ProcessDefinition {
  let archive: ClassArchive | undefined;
  return {
    name: 'registry',
    logFile,
    readyWithin: 90_000,
    stopSignal: 'SIGTERM',
    stopWithin: 30_000,
    answers: () => answersOk(`${registryUrl(port)}/subjects`),
    ended: (exit) => archive?.ended(exit),
    async command() {
      const { directory: cache, registryJar } = await runtime();
      mkdirSync(directory, { recursive: true });
      archive = createClassArchive(cache, 'registry', java);
      await releasePorts();
      const settings = Object.entries(settingsOf(directory, port)).map(([key, value]) => `-D${key}=${value}`);
      // Its web server makes a folder there, and one that is killed leaves it.
      const temporary = `-Djava.io.tmpdir=${directory}`;
      const flags = [...jvm, ...archive.flags, temporary, ...settings];
      return { file: java.file, arguments: [...flags, '-jar', registryJar] };
    },
  };
}

const jvm = [
  '-Xmx256m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-XX:+ExitOnOutOfMemoryError',
  '-XX:-UsePerfData',
];

const settingsOf = (directory: string, port: number): Record<string, string | number> => ({
  'quarkus.http.host': host,
  'quarkus.http.port': port,
  'quarkus.log.level': 'WARN',
  'quarkus.banner.enabled': 'false',
  'quarkus.http.access-log.enabled': 'false',
  'quarkus.log.console.json': 'false',
  'quarkus.log.console.format': '%d %-5p %c{1} %s%e%n',
  'apicurio.storage.kind': 'sql',
  'apicurio.storage.sql.kind': 'h2',
  // An id that was handed out must outlive a kill: written at the commit, not up to half a second later.
  'apicurio.datasource.url': `jdbc:h2:file:${join(directory, 'registry')};WRITE_DELAY=0`,
  'apicurio.datasource.username': 'registry',
  'apicurio.datasource.password': 'registry',
});
