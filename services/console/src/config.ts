import {
  durationVariable,
  parseEnvironment,
  programEnvironment,
  serviceEnvironment,
} from '@skald/service-kit';
import { z } from 'zod';
import { serviceUrls } from './service-urls.ts';

const { KAFKA_BROKERS, SCHEMA_REGISTRY_URL, OPERATOR_TOKEN } = serviceEnvironment;
const EIGHT_HOURS_MS = 8 * 60 * 60 * 1000;

const schema = z.object({
  ...programEnvironment,
  KAFKA_BROKERS,
  SCHEMA_REGISTRY_URL,
  OPERATOR_TOKEN,
  /** Where the services are: what the page may ask of them goes there. */
  SERVICE_URLS: serviceUrls.default({}),
  /** Where `npm run audit -- --port` serves its metrics, without the path. */
  AUDITOR_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** A page that shows a trace: `{traceId}` stands for its id. */
  TRACE_URL: z
    .string()
    .regex(/^https?:\/\/.*\{traceId\}/, 'must be a URL with {traceId} in it')
    .optional(),
  /** Ms until an operator has to show the token again. */
  SESSION_TTL_MS: durationVariable().default(EIGHT_HOURS_MS),
  /** `true` where the page is reached by https alone: the cookie then travels by nothing else. */
  SESSION_COOKIE_SECURE: z.enum(['true', 'false']).default('false'),
});

export type Config = z.infer<typeof schema>;

export const parseConfig = (): Config => parseEnvironment(schema, process.env);
