import { readStateFile, UsageError } from '@skald/command-line';
import { z } from 'zod';
import type { rebuildSurroundings } from './config.ts';

const published = z.object({
  ports: z.object({ postgres: z.int() }),
  passwords: z.object({ order_view: z.string() }),
  witnesses: z.object({
    kafka: z.object({ brokers: z.array(z.string()).min(1) }),
    registry: z.string(),
    search: z.string().optional(),
  }),
});

export interface RebuildPlace {
  /** Of order-view: the role that owns its tables. */
  readonly databaseUrl: string;
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  /** Where order-view searches; undefined: in Postgres. */
  readonly searchUrl: string | undefined;
}

/** As the environment says, or else as a local stack has noted it in its data folder. Throws a UsageError that says what is missing. */
export function findPlace(directory: string, told: ReturnType<typeof rebuildSurroundings>): RebuildPlace {
  const stack = readPublished(directory);
  const databaseUrl = told.DATABASE_URL ?? stack?.databaseUrl;
  const brokers = told.KAFKA_BROKERS ?? stack?.brokers;
  const registryUrl = told.SCHEMA_REGISTRY_URL ?? stack?.registryUrl;
  // Whose database is told has another order-view in mind than the one that is noted.
  const searchUrl = told.SEARCH_URL ?? (told.DATABASE_URL === undefined ? stack?.searchUrl : undefined);
  if (databaseUrl !== undefined && brokers !== undefined && registryUrl !== undefined)
    return { databaseUrl, brokers, registryUrl, searchUrl };
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
  const state = readStateFile(directory, published);
  if (state === undefined) return undefined;
  const { ports, passwords, witnesses } = state;
  const { kafka, registry, search } = witnesses;
  const databaseUrl = `postgres://order_view:${passwords.order_view}@127.0.0.1:${ports.postgres}/order_view`;
  return { databaseUrl, brokers: kafka.brokers, registryUrl: registry, searchUrl: search };
}
