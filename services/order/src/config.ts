import { durationVariable, parseEnvironment, serviceEnvironment } from '@skald/service-kit';
import { z } from 'zod';

const schema = z.object({
  ...serviceEnvironment,
  /** Ms that the saga may take before the order is cancelled. */
  ORDER_DEADLINE_MS: durationVariable().default(900_000),
});

export type Config = z.infer<typeof schema>;

export const parseConfig = (): Config => parseEnvironment(schema, process.env);
