import { fileURLToPath } from 'node:url';
import { topics } from '@skald/contracts';
import { createEventReader, createKernel } from '@skald/messaging';
import type { Service, ServiceContext } from '@skald/service-kit';
import type { Config } from './config.ts';
import { createFeed } from './feed.ts';
import { routes } from './http.ts';
import { createMaterialiser, readModelTopic } from './materialiser.ts';
import { openStore } from './open-store.ts';
import { reactor } from './reactor.ts';

/** The log folded into orders.read-model by the kernel, and followed from there into the store that is read. */
export async function createService(context: ServiceContext<Config>): Promise<Service> {
  const { name, config, logger, metrics } = context;
  const stopping = new AbortController();
  const kernel = createKernel({
    service: name,
    settings: {
      databaseUrl: config.DATABASE_URL,
      brokers: config.KAFKA_BROKERS,
      registryUrl: config.SCHEMA_REGISTRY_URL,
      relayMode: config.OUTBOX_RELAY_MODE,
      parkingCap: config.PARKING_CAP,
    },
    reactor,
    migrations: fileURLToPath(new URL('../migrations', import.meta.url)),
    logger,
    metrics,
  });
  const { partitions } = topics[readModelTopic];
  const { store, storeName, follower, close } = await openStore(
    kernel.database,
    partitions,
    config.SEARCH_URL,
  );
  const feed = createFeed(store);
  const materialiser = createMaterialiser({
    group: `${name}.${follower}`,
    brokers: config.KAFKA_BROKERS,
    store,
    storeName,
    read: createEventReader(config.SCHEMA_REGISTRY_URL),
    logger,
    onChanged: (orderIds) => feed.ring(orderIds),
  });
  return {
    routes: (app) =>
      routes(app, { store, feed, waitMs: config.READ_AFTER_WAIT_MS, stopping: stopping.signal }),
    readiness() {
      const { state, waitingFor } = materialiser.status();
      const doing = waitingFor === undefined ? state : `waiting for ${waitingFor}`;
      const detail = `into ${storeName}: ${doing}`;
      return [...kernel.readiness(), { name: 'materialiser', ready: true, detail }];
    },
    async start() {
      await kernel.start();
      if (!stopping.signal.aborted) materialiser.start();
    },
    prepareStop() {
      stopping.abort('the service is stopping');
      feed.stop();
    },
    async stop() {
      stopping.abort('the service is stopping');
      feed.stop();
      await Promise.all([materialiser.stop(), kernel.stop()]);
      await close();
    },
    operator: { api: kernel.operator, token: config.OPERATOR_TOKEN },
    failed: Promise.race([kernel.failed, materialiser.failed]),
  };
}
