import {
  durationVariable,
  parseEnvironment,
  programEnvironment,
  serviceEnvironment,
} from '@skald/service-kit';
import { z } from 'zod';

const schema = z
  .object({
    ...serviceEnvironment,
    /** `inside`: the simulator runs within this process, its ledger in memory. For benchmarks. */
    PAYMENT_PROVIDER: z.enum(['http', 'inside']).default('http'),
    /** http://127.0.0.1:4010. Not needed with `inside`. */
    PAYMENT_PROVIDER_URL: z
      .url({ protocol: /^https?$/, error: 'must be a URL like http://127.0.0.1:4010' })
      .optional(),
    /** How long one call to the provider may take, ms. */
    PAYMENT_PROVIDER_TIMEOUT_MS: durationVariable().default(2_000),
  })
  .refine((config) => config.PAYMENT_PROVIDER === 'inside' || config.PAYMENT_PROVIDER_URL !== undefined, {
    path: ['PAYMENT_PROVIDER_URL'],
  });

export type Config = z.infer<typeof schema>;

export const parseConfig = (): Config => parseEnvironment(schema, process.env);

const simulatorSchema = z.object({
  HTTP_HOST: programEnvironment.HTTP_HOST,
  HTTP_PORT: programEnvironment.HTTP_PORT,
  /** One JSON entry a line. Absent: the ledger is forgotten with the process. */
  LEDGER_FILE: z.string().optional(),
  /** How long the answer to tok_slow is held back, ms. */
  SLOW_ANSWER_MS: durationVariable().default(1_000),
  /** How long the answer to tok_timeout is held back, ms: longer than callers wait. */
  LATE_ANSWER_MS: durationVariable().default(10_000),
});

export type SimulatorConfig = z.infer<typeof simulatorSchema>;

export const parseSimulatorConfig = (): SimulatorConfig => parseEnvironment(simulatorSchema, process.env);
