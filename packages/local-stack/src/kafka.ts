import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ClassArchive, createClassArchive, type Java } from './java.ts';
import { runToEnd } from './launcher.ts';
import { host } from './ports.ts';
import { kafkaAnswers } from './probes.ts';
import type { Runtime } from './runtime.ts';
import type { ProcessDefinition } from './supervised-process.ts';

export interface KafkaOptions {
  readonly directory: string;
  readonly logFile: string;
  readonly port: number;
  readonly controllerPort: number;
  readonly java: Java;
  runtime(): Promise<Runtime>;
  /** Called right before the program binds its ports. */
  releasePorts(): Promise<void>;
}

/** One node that is broker and controller (KRaft). */
export function defineKafka(options: KafkaOptions): ProcessDefinition {
  const { directory, java } = options;
  const settings = join(directory, 'server.properties');
  const logging = join(directory, 'log4j2.properties');
  let archive: ClassArchive | undefined;
  return {
    name: 'kafka',
    logFile: options.logFile,
    readyWithin: 90_000,
    stopSignal: 'SIGTERM',
    stopWithin: 30_000,
    answers: () => kafkaAnswers(host, options.port),
    ended: (exit) => archive?.ended(exit),
    async command() {
      const runtime = await options.runtime();
      mkdirSync(directory, { recursive: true });
      writeFileSync(settings, propertiesOf(options));
      writeFileSync(logging, log4j);
      await format(directory, runtime, java);
      await options.releasePorts();
      archive = createClassArchive(runtime.directory, 'kafka', java);
      return {
        file: java.file,
        arguments: [...jvm, ...archive.flags, ...program(runtime, logging, 'kafka.Kafka'), settings],
      };
    },
  };
}

const jvm = [
  '-Xms128m',
  '-Xmx640m',
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
async function format(directory: string, runtime: Runtime, java: Java): Promise<void> {
  const data = join(directory, 'data');
  if (existsSync(join(data, 'meta.properties'))) return;
  const template = join(runtime.directory, 'kafka-formatted');
  if (!existsSync(template)) await makeTemplate(template, directory, runtime, java);
  mkdirSync(data, { recursive: true });
  cpSync(join(template, 'bootstrap.checkpoint'), join(data, 'bootstrap.checkpoint'));
  const identity = { version: 1, 'node.id': 1, 'cluster.id': kafkaId(), 'directory.id': kafkaId() };
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
    writeFileSync(settings, toProperties({ ...identitySettings(1, 2), 'log.dirs': join(aside, 'data') }));
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

/** A random UUID in Kafka's notation: base64url, never beginning with a hyphen. */
function kafkaId(): string {
  const id = randomBytes(16).toString('base64url');
  return id.startsWith('-') ? kafkaId() : id;
}

const identitySettings = (port: number, controllerPort: number) => ({
  'process.roles': 'broker,controller',
  'node.id': 1,
  'controller.quorum.voters': `1@${host}:${controllerPort}`,
  'controller.listener.names': 'CONTROLLER',
  'inter.broker.listener.name': 'PLAINTEXT',
  listeners: `PLAINTEXT://${host}:${port},CONTROLLER://${host}:${controllerPort}`,
  'advertised.listeners': `PLAINTEXT://${host}:${port}`,
});

const propertiesOf = ({ port, controllerPort, directory }: KafkaOptions): string =>
  toProperties({
    ...identitySettings(port, controllerPort),
    'log.dirs': join(directory, 'data'),
    'auto.create.topics.enable': false,
    'min.insync.replicas': 1,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 5,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 5,
    'group.initial.rebalance.delay.ms': 0,
    // Tests of dying consumers needn't wait for 6 s.
    'group.min.session.timeout.ms': 1_000,
    // A folder that rests for a month must not forget where its groups were.
    'offsets.retention.minutes': 60 * 24 * 365,
    // A broker that was killed may come back only when its old session is over (9 s by default).
    'broker.session.timeout.ms': 3_000,
    'broker.heartbeat.interval.ms': 500,
    // Sized for two cores.
    'num.network.threads': 2,
    'num.io.threads': 4,
    'background.threads': 2,
    'num.recovery.threads.per.data.dir': 2,
    'log.cleaner.threads': 1,
    'log.cleaner.dedupe.buffer.size': 16_777_216,
  });

const toProperties = (settings: Readonly<Record<string, string | number | boolean>>): string =>
  `${Object.entries(settings)
    .map(([key, value]) => `${key}=${value}`)
    .join('\n')}\n`;

const log4j = toProperties({
  'rootLogger.level': 'warn',
  'rootLogger.appenderRef.out.ref': 'out',
  'logger.server.name': 'kafka.server.KafkaRaftServer',
  'logger.server.level': 'info',
  'logger.version.name': 'org.apache.kafka.common.utils.AppInfoParser',
  'logger.version.level': 'info',
  'appender.out.type': 'Console',
  'appender.out.name': 'out',
  'appender.out.layout.type': 'PatternLayout',
  'appender.out.layout.pattern': '%d{ISO8601} %-5p %c{1} %m%n',
});
