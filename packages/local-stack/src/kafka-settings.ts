import { host } from './ports.ts';

/** A listener of one client's own, so that something can stand between that client and the broker. */
export interface KafkaListener {
  readonly name: string;
  /** What the broker listens on. */
  readonly port: number;
  /** What it tells the client to connect to. */
  readonly advertisedPort: number;
}

export interface KafkaNode {
  /** From 1. */
  readonly id: number;
  readonly port: number;
  readonly listeners: readonly KafkaListener[];
  /** Of all nodes, in order of their ids. */
  readonly controllerPorts: readonly number[];
}

/** Who the node is, and where it and the others are: broker and controller in one (KRaft). */
export function identitySettings({ id, port, listeners, controllerPorts }: KafkaNode): Settings {
  const own = listeners.map((listener) => ({ ...listener, name: listenerName(listener.name) }));
  return {
    'process.roles': 'broker,controller',
    'node.id': id,
    'controller.quorum.voters': controllerPorts.map((at, index) => `${index + 1}@${host}:${at}`).join(','),
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    listeners: [
      `PLAINTEXT://${host}:${port}`,
      `CONTROLLER://${host}:${controllerPorts[id - 1]}`,
      ...own.map((listener) => `${listener.name}://${host}:${listener.port}`),
    ].join(','),
    'advertised.listeners': [
      `PLAINTEXT://${host}:${port}`,
      ...own.map(({ name, advertisedPort }) => `${name}://${host}:${advertisedPort}`),
    ].join(','),
    'listener.security.protocol.map': ['PLAINTEXT', 'CONTROLLER', ...own.map(({ name }) => name)]
      .map((name) => `${name}:PLAINTEXT`)
      .join(','),
    // One client each.
    ...Object.fromEntries(
      own.map(({ name }) => [`listener.name.${name.toLowerCase()}.num.network.threads`, 1]),
    ),
  };
}

/** Kafka takes letters, digits and underscores. */
const listenerName = (client: string): string => client.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_');

export type Settings = Readonly<Record<string, string | number | boolean>>;

/** As many copies as there are nodes, up to three; one of three may be away. */
export const replicationOf = (nodes: number): number => Math.min(nodes, 3);

export function settingsOf(node: KafkaNode, data: string): Settings {
  const replication = replicationOf(node.controllerPorts.length);
  const inSync = Math.max(1, replication - 1);
  return {
    ...identitySettings(node),
    'log.dirs': data,
    'auto.create.topics.enable': false,
    'min.insync.replicas': inSync,
    'offsets.topic.replication.factor': replication,
    'offsets.topic.num.partitions': 5,
    'transaction.state.log.replication.factor': replication,
    'transaction.state.log.min.isr': inSync,
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
  };
}

export const toProperties = (settings: Settings): string =>
  `${Object.entries(settings)
    .map(([key, value]) => `${key}=${value}`)
    .join('\n')}\n`;

export const log4j = toProperties({
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
