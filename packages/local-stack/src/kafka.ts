import { randomBytes } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type ClassArchive, createClassArchive, type Java } from './java.ts';
import { identitySettings, type KafkaNode, log4j, settingsOf, toProperties } from './kafka-settings.ts';
import { runToEnd } from './launcher.ts';
import { host } from './ports.ts';
import { kafkaAnswers } from './probes.ts';
import type { Runtime } from './runtime.ts';
import type { ProcessDefinition } from './supervised-process.ts';

export interface KafkaOptions extends KafkaNode {
  readonly name: string;
  readonly directory: string;
  readonly logFile: string;
  readonly java: Java;
  /** The same for all nodes. */
  readonly clusterId: string;
  runtime(): Promise<Runtime>;
  /** Called right before the program binds its ports. */
  releasePorts(): Promise<void>;
}

/** `kafka`, and `kafka-2` for the second node. */
export const brokerName = (id: number): string => (id === 1 ? 'kafka' : `kafka-${id}`);

/** One node that is broker and controller (KRaft). */
export function defineKafka(options: KafkaOptions): ProcessDefinition {
  const { directory, java } = options;
  const settings = join(directory, 'server.properties');
  const logging = join(directory, 'log4j2.properties');
  const isAlone = options.controllerPorts.length === 1;
  let archive: ClassArchive | undefined;
  return {
    name: options.name,
    logFile: options.logFile,
    readyWithin: 90_000,
    stopSignal: 'SIGTERM',
    // The last of several waits for a quorum that is gone.
    stopWithin: isAlone ? 30_000 : 10_000,
    answers: () => kafkaAnswers(host, options.port),
    ended: (exit) => archive?.ended(exit),
    async command() {
      const runtime = await options.runtime();
      mkdirSync(directory, { recursive: true });
      writeFileSync(settings, toProperties(settingsOf(options, join(directory, 'data'))));
      writeFileSync(logging, log4j);
      await format(options, runtime);
      await options.releasePorts();
      archive = createClassArchive(runtime.directory, 'kafka', java);
      return {
        file: java.file,
        arguments: [
          ...(isAlone ? ['-Xmx640m'] : ['-Xmx320m']),
          ...jvm,
          ...archive.flags,
          ...program(runtime, logging, 'kafka.Kafka'),
          settings,
        ],
      };
    },
  };
}

const jvm = [
  '-Xms128m',
  // For two cores: no concurrent collector's threads and barriers.
  '-XX:+UseSerialGC',
  '-XX:+ExitOnOutOfMemoryError',
  '-XX:-UsePerfData',
  '-Djava.awt.headless=true',
];

const program = (runtime: Runtime, logging: string, main: string): string[] => [
  `-Dlog4j2.configurationFile=${logging}`,
  '-cp',
  runtime.kafkaClassPath,
  main,
];

/**
 * Formatting takes Kafka a second, and what it writes is the same but for two ids: so it is done once, kept in the
 * cache and copied.
 */
async function format({ directory, id, clusterId, java }: KafkaOptions, runtime: Runtime): Promise<void> {
  const data = join(directory, 'data');
  if (existsSync(join(data, 'meta.properties'))) return;
  const template = join(runtime.directory, 'kafka-formatted');
  if (!existsSync(template)) await makeTemplate(template, directory, runtime, java);
  mkdirSync(data, { recursive: true });
  cpSync(join(template, 'bootstrap.checkpoint'), join(data, 'bootstrap.checkpoint'));
  const identity = { version: 1, 'node.id': id, 'cluster.id': clusterId, 'directory.id': kafkaId() };
  writeFileSync(join(data, 'meta.properties'), toProperties(identity));
}

async function makeTemplate(
  template: string,
  directory: string,
  runtime: Runtime,
  java: Java,
): Promise<void> {
  const aside = mkdtempSync(`${template}-`);
  try {
    const settings = join(aside, 'server.properties');
    writeFileSync(settings, toProperties({ ...identitySettings(anyNode), 'log.dirs': join(aside, 'data') }));
    const storageTool = program(runtime, join(directory, 'log4j2.properties'), 'kafka.tools.StorageTool');
    const flags = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-XX:-UsePerfData'];
    await runToEnd({
      file: java.file,
      arguments: [...flags, ...storageTool, 'format', '-c', settings, '-t', kafkaId()],
    });
    if (!existsSync(template)) renameSync(join(aside, 'data'), template);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

const anyNode: KafkaNode = { id: 1, port: 1, listeners: [], controllerPorts: [2] };

/** The cluster's id: that of the first node's data, if there is some. */
export function clusterIdIn(directory: string): string {
  const file = join(directory, 'data', 'meta.properties');
  const known = existsSync(file) ? /^cluster\.id=(.+)$/m.exec(readFileSync(file, 'utf8'))?.[1] : undefined;
  return known ?? kafkaId();
}

/** A random UUID in Kafka's notation: base64url, never beginning with a hyphen. */
function kafkaId(): string {
  const id = randomBytes(16).toString('base64url');
  return id.startsWith('-') ? kafkaId() : id;
}
