import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { rebuildSurroundings } from './config.ts';
import { UsageError } from './rebuild-command.ts';

const published = z.object({
  ports: z.object({ postgres: z.int() }),
  passwords: z.object({ order_view: z.string() }),
  witnesses: z.object({ kafka: z.object({ brokers: z.array(z.string()).min(1) }), registry: z.string() }),
});

export interface RebuildPlace {
  /** Of order-view: the role that owns its tables. */
  readonly databaseUrl: string;
  readonly brokers: readonly string[];
  readonly registryUrl: string;
}

/** As the environment says, or else as a local stack has noted it in its data folder. Throws a UsageError that says what is missing. */
export function findPlace(directory: string, told: ReturnType<typeof rebuildSurroundings>): RebuildPlace {
  if (told.SEARCH_URL !== undefined)
    throw new UsageError(
      'SEARCH_URL is set: a rebuild builds generations in Postgres alone. A search engine takes its index from orders.read-model: empty it',
    );
  const stack = readPublished(directory);
  const databaseUrl = told.DATABASE_URL ?? stack?.databaseUrl;
  const brokers = told.KAFKA_BROKERS ?? stack?.brokers;
  const registryUrl = told.SCHEMA_REGISTRY_URL ?? stack?.registryUrl;
  if (databaseUrl !== undefined && brokers !== undefined && registryUrl !== undefined)
    return { databaseUrl, brokers, registryUrl };
  const missing = Object.entries({
    DATABASE_URL: databaseUrl,
    KAFKA_BROKERS: brokers,
    SCHEMA_REGISTRY_URL: registryUrl,
  })
    .filter(([, value]) => value === undefined)
    .map(([name]) => name);
  throw new UsageError(
    `No stack with order-view is noted in ${directory}/state.json: start it once (npm start), or set ${missing.join(', ')}`,
  );
}

function readPublished(directory: string): RebuildPlace | undefined {
  try {
    const text = readFileSync(join(directory, 'state.json'), 'utf8');
    const { ports, passwords, witnesses } = published.parse(JSON.parse(text));
    const databaseUrl = `postgres://order_view:${passwords.order_view}@127.0.0.1:${ports.postgres}/order_view`;
    return { databaseUrl, brokers: witnesses.kafka.brokers, registryUrl: witnesses.registry };
  } catch {
    return undefined;
  }
}
