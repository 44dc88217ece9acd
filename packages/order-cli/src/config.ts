import { UsageError } from '@skald/command-line';
import { z } from 'zod';

const variables = z.object({
  ORDER_URL: z.string().optional(),
  ORDER_VIEW_URL: z.string().optional(),
  KAFKA_BROKERS: z.string().optional(),
  TRACE_URL: z
    .string()
    .regex(/^https?:\/\/.*\{traceId\}/, 'must be a URL with {traceId} in it')
    .optional(),
});

export interface Surroundings {
  readonly orderUrl: string | undefined;
  readonly orderViewUrl: string | undefined;
  readonly brokers: string | undefined;
  /** A page that shows a trace: `{traceId}` stands for its id. */
  readonly traceUrl: string | undefined;
}

/** What the command is told by its surroundings. An empty variable is none. Throws a UsageError that names what is wrong. */
export function readSurroundings(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Surroundings {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = variables.safeParse(set);
  if (!parsed.success) throw new UsageError(z.prettifyError(parsed.error));
  const { ORDER_URL, ORDER_VIEW_URL, KAFKA_BROKERS, TRACE_URL } = parsed.data;
  return { orderUrl: ORDER_URL, orderViewUrl: ORDER_VIEW_URL, brokers: KAFKA_BROKERS, traceUrl: TRACE_URL };
}
