import { fileURLToPath } from 'node:url';
import { createKernel } from '@skald/messaging';
import type { Service, ServiceContext } from '@skald/service-kit';
import { createCatalogue } from './catalogue.ts';
import type { Config } from './config.ts';
import { routes } from './http.ts';
import { overdueOrders } from './queries.ts';
import { createReactor } from './reactor.ts';
import { createReadiness } from './readiness.ts';
import { createUpkeep } from './upkeep.ts';

/** After an outage of our own the others get as long as an order has, but no more than this, to catch up. */
const MAX_GRACE_MS = 60_000;

export async function createService(context: ServiceContext<Config>): Promise<Service> {
  const { name, config, logger, metrics } = context;
  const catalogue = createCatalogue();
  const kernel = createKernel({
    service: name,
    settings: {
      databaseUrl: config.DATABASE_URL,
      brokers: config.KAFKA_BROKERS,
      registryUrl: config.SCHEMA_REGISTRY_URL,
      relayMode: config.OUTBOX_RELAY_MODE,
      parkingCap: config.PARKING_CAP,
    },
    reactor: createReactor(catalogue, config.ORDER_DEADLINE_MS),
    migrations: fileURLToPath(new URL('../migrations', import.meta.url)),
    deadlines: { graceMs: Math.min(config.ORDER_DEADLINE_MS, MAX_GRACE_MS), due: overdueOrders },
    logger,
    metrics,
  });
  const upkeep = createUpkeep(kernel, catalogue, logger);
  const readiness = createReadiness(kernel, catalogue);
  return {
    routes: (app) => routes(app, kernel, catalogue),
    readiness,
    async start() {
      upkeep.start();
      await kernel.start();
    },
    async stop() {
      await upkeep.stop();
      await kernel.stop();
    },
    operator: { api: kernel.operator, token: config.OPERATOR_TOKEN },
    failed: kernel.failed,
  };
}
