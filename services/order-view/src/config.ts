import { durationVariable, parseEnvironment, serviceEnvironment } from '@skald/service-kit';
import { z } from 'zod';

/** OpenSearch or Elasticsearch, to search in place of Postgres: http(s)://user:password@host:port */
const searchVariable = () =>
  z.url({ protocol: /^https?$/, error: 'must be a URL like http://127.0.0.1:9200' }).optional();

const schema = z.object({
  ...serviceEnvironment,
  /** How long a read waits for the version that it asks for, ms. */
  READ_AFTER_WAIT_MS: durationVariable().default(5_000),
  SEARCH_URL: searchVariable(),
});

export type Config = z.infer<typeof schema>;

export const parseConfig = (): Config => parseEnvironment(schema, process.env);

const ofRebuild = {
  DATABASE_URL: serviceEnvironment.DATABASE_URL.optional(),
  KAFKA_BROKERS: serviceEnvironment.KAFKA_BROKERS.optional(),
  SCHEMA_REGISTRY_URL: serviceEnvironment.SCHEMA_REGISTRY_URL.optional(),
  SEARCH_URL: searchVariable(),
};

/** What a rebuild is told by its surroundings: the same variables as the service's. Throws ConfigurationError. */
export const rebuildSurroundings = (environment: NodeJS.ProcessEnv = process.env) =>
  parseEnvironment(z.object(ofRebuild), environment);
