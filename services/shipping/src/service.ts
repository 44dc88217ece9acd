import { fileURLToPath } from 'node:url';
import { createKernel, type Kernel } from '@skald/messaging';
import type { Service, ServiceContext } from '@skald/service-kit';
import { createAddressBook } from './address-book.ts';
import { skaldExpress } from './carrier.ts';
import type { Config } from './config.ts';
import { createEffects } from './effects.ts';
import { routes } from './http.ts';
import { reactor } from './saga.ts';
import { findAddresses } from './store.ts';

export async function createService(context: ServiceContext<Config>): Promise<Service> {
  const { name, config, logger, metrics } = context;
  const addressOf = createAddressBook((orderIds) => findAddresses(kernel.database, orderIds));
  const kernel: Kernel = createKernel({
    service: name,
    settings: {
      databaseUrl: config.DATABASE_URL,
      brokers: config.KAFKA_BROKERS,
      registryUrl: config.SCHEMA_REGISTRY_URL,
      relayMode: config.OUTBOX_RELAY_MODE,
      parkingCap: config.PARKING_CAP,
    },
    reactor,
    effects: createEffects(skaldExpress, addressOf),
    migrations: fileURLToPath(new URL('../migrations', import.meta.url)),
    logger,
    metrics,
  });
  return {
    routes: (app) => routes(app, kernel),
    readiness: () => kernel.readiness(),
    start: () => kernel.start(),
    stop: () => kernel.stop(),
    operator: { api: kernel.operator, token: config.OPERATOR_TOKEN },
    failed: kernel.failed,
  };
}
