import { fileURLToPath } from 'node:url';
import { createKernel } from '@skald/messaging';
import type { Service, ServiceContext } from '@skald/service-kit';
import type { Config } from './config.ts';
import { createEffects } from './effects.ts';
import { routes } from './http.ts';
import type { Provider } from './provider.ts';
import { createProviderClient } from './provider-client.ts';
import { createInsideProvider } from './provider-inside.ts';
import { reactor } from './saga.ts';
import { createTeller } from './teller.ts';

export async function createService(context: ServiceContext<Config>): Promise<Service> {
  const { name, config, logger, metrics } = context;
  const provider = createProvider(context);
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
    effects: createEffects(provider),
    migrations: fileURLToPath(new URL('../migrations', import.meta.url)),
    logger,
    metrics,
  });
  return {
    routes: (app) => routes(app, kernel),
    // A provider that is away is waited for, so it makes nobody unready.
    readiness: () => kernel.readiness(),
    start: () => kernel.start(),
    async stop() {
      await kernel.stop();
      await provider.close();
    },
    operator: { api: kernel.operator, token: config.OPERATOR_TOKEN },
    failed: kernel.failed,
  };
}

function createProvider({ config, logger }: ServiceContext<Config>): Provider {
  const { PAYMENT_PROVIDER, PAYMENT_PROVIDER_URL: url, PAYMENT_PROVIDER_TIMEOUT_MS: timeoutMs } = config;
  if (PAYMENT_PROVIDER === 'inside' || url === undefined) {
    logger.warn('The payment provider is simulated within the service: its ledger ends with the process');
    return createInsideProvider(createTeller(), timeoutMs);
  }
  return createProviderClient({ url, timeoutMs, logger });
}
