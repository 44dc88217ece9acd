import { fileURLToPath } from 'node:url';
import { createKernel } from '@skald/messaging';
import type { Service, ServiceContext } from '@skald/service-kit';
import type { Config } from './config.ts';
import { createEffects } from './effects.ts';
import { routes } from './http.ts';
import { createDiscardingMailer, type Mailer } from './mailer.ts';
import { reactor } from './saga.ts';
import { createSmtpMailer } from './smtp-mailer.ts';

export async function createService(context: ServiceContext<Config>): Promise<Service> {
  const { name, config, logger, metrics } = context;
  const mailer = createMailer(context);
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
    effects: createEffects(mailer),
    migrations: fileURLToPath(new URL('../migrations', import.meta.url)),
    logger,
    metrics,
  });
  return {
    routes: (app) => routes(app, kernel),
    // A mail server that is away is waited for, so it makes nobody unready.
    readiness: () => kernel.readiness(),
    start: () => kernel.start(),
    async stop() {
      await kernel.stop();
      await mailer.close();
    },
    operator: { api: kernel.operator, token: config.OPERATOR_TOKEN },
    failed: kernel.failed,
  };
}

function createMailer({ config, logger }: ServiceContext<Config>): Mailer {
  const { MAIL_TRANSPORT, SMTP_URL: url, MAIL_FROM: from, MAIL_CONCURRENCY: concurrency } = config;
  if (MAIL_TRANSPORT === 'discard' || url === undefined) {
    logger.warn('Mails are thrown away');
    return createDiscardingMailer();
  }
  return createSmtpMailer({ url, from, concurrency });
}
