import { durationVariable, parseEnvironment, serviceEnvironment } from '@skald/service-kit';
import { z } from 'zod';

const schema = z.object({
  ...serviceEnvironment,
  /** How long a read waits for the version that it asks for, ms. */
  READ_AFTER_WAIT_MS: durationVariable().default(5_000),
});

export type Config = z.infer<typeof schema>;

export const parseConfig = (): Config => parseEnvironment(schema, process.env);
