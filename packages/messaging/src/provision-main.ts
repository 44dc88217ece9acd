import { pino } from 'pino';
import { backoffMs, pause } from './backoff.ts';
import { provisionSettings } from './config.ts';
import { TransientError } from './errors.ts';
import { createKafkaClient } from './kafkajs-client.ts';
import { provision } from './provision.ts';
import { createRegistry } from './registry.ts';

const usage = `Creates the topics and registers the schemas of the catalogue. Safe to repeat.

Environment:
  KAFKA_BROKERS        host:port, comma separated
  SCHEMA_REGISTRY_URL  Confluent-compatible API, e.g. http://127.0.0.1:8080/apis/ccompat/v7
  REPLICATION_FACTOR   of new topics, default 1`;

const PATIENCE = 20;

async function main(): Promise<void> {
  if (process.argv.includes('--help')) {
    process.stdout.write(`${usage}\n`);
    return;
  }
  const logger = pino({ name: 'provision' });
  const { brokers, registryUrl, replication } = provisionSettings();
  const client = createKafkaClient({ clientId: 'provision', brokers }, logger);
  for (let attempt = 1; ; attempt += 1) {
    try {
      const admin = await client.admin();
      try {
        logger.info(await provision(admin, createRegistry(registryUrl), replication), 'provisioned');
      } finally {
        await admin.close();
      }
      return;
    } catch (error) {
      if (!(error instanceof TransientError) || attempt === PATIENCE) throw error;
      logger.warn({ err: error, attempt }, 'waiting');
      await pause(backoffMs(attempt));
    }
  }
}

await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
