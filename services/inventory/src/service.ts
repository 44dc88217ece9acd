import { fileURLToPath } from 'node:url';
import { createKernel } from '@skald/messaging';
import type { Service, ServiceContext } from '@skald/service-kit';
import type { Config } from './config.ts';
import { routes } from './http.ts';
import { createOpening } from './opening.ts';
import { reactor } from './saga.ts';

export async function createService(context: ServiceContext<Config>): Promise<Service> {
  const { name, config, logger, metrics } = context;
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
  const opening = createOpening(kernel, logger);
  return {
    routes: (app) => routes(app, kernel),
    readiness: () => [...kernel.readiness(), { name: 'catalogue', ready: opening.isDone() }],
    async start() {
      await kernel.start();
      await opening.run();
    },
    async stop() {
      opening.stop();
      await kernel.stop();
    },
    operator: { api: kernel.operator, token: config.OPERATOR_TOKEN },
    failed: kernel.failed,
  };
}
