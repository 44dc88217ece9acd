import { fileURLToPath } from 'node:url';
import { deadLetterTopics } from '@skald/contracts';
import { createEventViewer, createFollower, createSurroundings } from '@skald/messaging';
import type { Service, ServiceContext } from '@skald/service-kit';
import type { Config } from './config.ts';
import { parseRecord } from './dead-letter.ts';
import { routes } from './http.ts';
import { measureOpen } from './metrics.ts';
import { createOperatorClient } from './operator-client.ts';
import { save } from './store.ts';
import { createUpkeep } from './upkeep.ts';

export async function createService(context: ServiceContext<Config>): Promise<Service> {
  const { name, config, logger, metrics } = context;
  const kafka = { clientId: name, brokers: config.KAFKA_BROKERS };
  const registryUrl = config.SCHEMA_REGISTRY_URL;
  const stopping = new AbortController();
  const follower = createFollower({
    service: name,
    settings: { databaseUrl: config.DATABASE_URL, brokers: config.KAFKA_BROKERS },
    topics: deadLetterTopics.map((topic) => topic.name),
    migrations: fileURLToPath(new URL('../migrations', import.meta.url)),
    async take(tx, records) {
      const changes = records.map(parseRecord).filter((change) => change !== undefined);
      if (changes.length < records.length)
        logger.warn({ records: records.length - changes.length }, 'records that are no dead letters');
      await save(tx, changes);
    },
    logger,
  });
  const upkeep = createUpkeep(follower.database, logger);
  measureOpen(follower.database, metrics);
  return {
    routes: (app) =>
      routes(app, {
        database: follower.database,
        connect: follower.connect,
        operator: createOperatorClient(config.SERVICE_URLS, config.OPERATOR_TOKEN),
        viewer: createEventViewer(registryUrl),
        surroundings: createSurroundings({ ...kafka, registryUrl }, logger),
        traceUrl: config.TRACE_URL,
        token: config.OPERATOR_TOKEN,
        stopping: stopping.signal,
      }),
    readiness: () => follower.readiness(),
    async start() {
      await follower.start();
      upkeep.start();
    },
    prepareStop: () => stopping.abort('the service is stopping'),
    async stop() {
      upkeep.stop();
      await follower.stop();
    },
    failed: follower.failed,
  };
}
