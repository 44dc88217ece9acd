import { fileURLToPath } from 'node:url';
import type { StackAddresses } from '@skald/local-stack';
import { GenericContainer, type StartedTestContainer, Wait } from 'testcontainers';
import { createDatabases, createPassword, databaseUrl, type PostgresServer } from './databases.ts';
import { freePort } from './free-port.ts';

/** What everybody runs in production, or something like it. Another registry's names come from the environment. */
const images = {
  kafka: process.env['KAFKA_IMAGE'] ?? 'apache/kafka:4.1.1',
  registry: process.env['REGISTRY_IMAGE'] ?? 'apicurio/apicurio-registry:3.0.9',
  postgres: process.env['POSTGRES_IMAGE'] ?? 'postgres:18',
  /** For our own mail sink: it runs from this repository, which is mounted. */
  node: process.env['NODE_IMAGE'] ?? 'node:20-slim',
};

const STARTUP_MS = 180_000;
const repository = fileURLToPath(new URL('../../..', import.meta.url));

export interface Infrastructure {
  readonly addresses: Pick<StackAddresses, 'kafka' | 'registry' | 'postgres' | 'auditor' | 'mail'>;
  /** postgres://…: the superuser. */
  readonly administratorUrl: string;
  stop(): Promise<void>;
}

/** Kafka, registry, Postgres and a mail sink in containers, side by side. Throws, with none left, if one doesn't start. */
export async function startInfrastructure(host: string): Promise<Infrastructure> {
  const starting = [startKafka(host), startRegistry(), startPostgres(host), startMail()] as const;
  try {
    const [kafka, registry, postgres, mail] = await Promise.all(starting);
    return {
      addresses: {
        kafka: { brokers: [kafka.broker] },
        registry: `http://${host}:${registry.getMappedPort(8080)}/apis/ccompat/v7`,
        ...(await createDatabases(postgres)),
        mail: {
          smtp: `smtp://${host}:${mail.getMappedPort(1025)}`,
          messages: `http://${host}:${mail.getMappedPort(8025)}/messages`,
        },
      },
      administratorUrl: databaseUrl(postgres, 'postgres', postgres.password, 'postgres'),
      stop: () => stopAll(starting),
    };
  } catch (error) {
    await stopAll(starting);
    throw error;
  }
}

async function stopAll(starting: readonly Promise<Stoppable>[]): Promise<void> {
  for (const started of await Promise.allSettled(starting)) {
    if (started.status === 'fulfilled') await started.value.stop();
  }
}

type Stoppable = Pick<StartedTestContainer, 'stop'>;

/**
 * The broker says at which address clients find it, so its port is chosen before it starts. It talks to itself at another
 * one (transaction markers), as the clients' leads nowhere within the container.
 */
async function startKafka(host: string): Promise<Stoppable & { broker: string }> {
  const port = await freePort();
  const container = await new GenericContainer(images.kafka)
    .withExposedPorts({ container: 9092, host: port })
    .withEnvironment({
      KAFKA_NODE_ID: '1',
      KAFKA_PROCESS_ROLES: 'broker,controller',
      KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
      KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
      KAFKA_INTER_BROKER_LISTENER_NAME: 'INTERNAL',
      KAFKA_LISTENERS: 'CLIENTS://:9092,INTERNAL://localhost:29092,CONTROLLER://localhost:9093',
      KAFKA_ADVERTISED_LISTENERS: `CLIENTS://${host}:${port},INTERNAL://localhost:29092`,
      KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'CLIENTS:PLAINTEXT,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT',
      KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
      KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
      KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
      KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
      KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
    })
    .withWaitStrategy(Wait.forLogMessage(/Kafka Server started/))
    .withStartupTimeout(STARTUP_MS)
    .start();
  return { broker: `${host}:${port}`, stop: (options) => container.stop(options) };
}

/** Its default storage is in memory: it ends with the container, as everything here does. */
const startRegistry = (): Promise<StartedTestContainer> =>
  new GenericContainer(images.registry)
    .withExposedPorts(8080)
    .withWaitStrategy(Wait.forHttp('/apis/ccompat/v7/subjects', 8080))
    .withStartupTimeout(STARTUP_MS)
    .start();

async function startPostgres(host: string): Promise<Stoppable & PostgresServer> {
  const password = createPassword();
  const container = await new GenericContainer(images.postgres)
    .withExposedPorts(5432)
    .withEnvironment({ POSTGRES_PASSWORD: password })
    .withWaitStrategy(Wait.forListeningPorts())
    .withStartupTimeout(STARTUP_MS)
    .start();
  return { host, port: container.getMappedPort(5432), password, stop: (options) => container.stop(options) };
}

const startMail = (): Promise<StartedTestContainer> =>
  new GenericContainer(images.node)
    .withBindMounts([{ source: repository, target: '/skald', mode: 'ro' }])
    .withExposedPorts(1025, 8025)
    .withCommand([
      'node',
      '/skald/packages/local-stack/dist/mail-main.js',
      '0.0.0.0',
      '1025',
      '8025',
      '/tmp/mails.jsonl',
    ])
    .withWaitStrategy(Wait.forLogMessage(/SMTP on/))
    .withStartupTimeout(STARTUP_MS)
    .start();
