import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { logLevels } from './log.ts';

/** The environment is wrong: says which variables, and never what they hold. The process ends with exit code 78. */
export class ConfigurationError extends Error {
  readonly code = 'CONFIGURATION';
  readonly retryable = false;
  /** One sentence a variable, each beginning with its name. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`Wrong configuration: ${problems.join('; ')}`);
    this.name = 'ConfigurationError';
    this.problems = problems;
  }
}

/** A whole number, written in digits alone. Bounds included. */
export function integerVariable(min: number, max: number) {
  return z
    .string()
    .regex(/^-?\d{1,15}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(min, `must be ${min} at least`).max(max, `must be ${max} at most`));
}

/** A duration in ms, from 1 ms to 24 days (the longest that a timer can wait). */
export const durationVariable = () => integerVariable(1, 2_147_483_647);

function urlVariable(protocols: RegExp, example: string) {
  return z.url({ protocol: protocols, error: `must be a URL like ${example}` });
}

/** The variables of every program that serves HTTP. */
export const programEnvironment = {
  HTTP_HOST: z.string().default('127.0.0.1'),
  /** 0: any free port; the log says which. */
  HTTP_PORT: integerVariable(0, 65_535),
  /** Requests at once; more are answered with 503. */
  HTTP_MAX_IN_FLIGHT: integerVariable(1, 100_000).default(1_000),
  /** Ms until a request must have come in completely, and then again until it must have been answered. */
  HTTP_REQUEST_TIMEOUT_MS: durationVariable().default(10_000),
  LOG_LEVEL: z.enum(logLevels).default('info'),
  /** http://collector:4318. Absent: tracing is off. */
  OTEL_EXPORTER_OTLP_ENDPOINT: urlVariable(/^https?$/, 'http://127.0.0.1:4318').optional(),
  /** Share of the traces that are recorded, 0 to 1, where no caller has decided it. */
  OTEL_TRACES_SAMPLER_ARG: z
    .string()
    .regex(/^(0(\.\d+)?|1(\.0+)?)$/, 'must be a number from 0 to 1')
    .transform(Number)
    .default(1),
  /** Ms from SIGTERM until the process ends, whatever hangs. */
  SHUTDOWN_TIMEOUT_MS: durationVariable().default(9_000),
};

export type ProgramConfig = z.infer<z.ZodObject<typeof programEnvironment>>;

/** The variables that all services share. */
export const serviceEnvironment = {
  ...programEnvironment,
  DATABASE_URL: urlVariable(/^postgres(ql)?$/, 'postgres://role:password@host:5432/database'),
  /** host:port, separated by commas. */
  KAFKA_BROKERS: z
    .string()
    .transform((list) => list.split(',').map((broker) => broker.trim()))
    .pipe(z.array(z.string().regex(/^[^\s:]+:\d{1,5}$/, 'must be host:port, separated by commas')).min(1)),
  /** Base of the registry's Confluent-compatible API. */
  SCHEMA_REGISTRY_URL: urlVariable(/^https?$/, 'http://127.0.0.1:8080/apis/ccompat/v7'),
  /** What operators show to look at parked messages, and to act upon them: 16 characters at least. */
  OPERATOR_TOKEN: z.string().regex(/^[\x21-\x7e]{16,}$/, 'must be 16 visible ASCII characters at least'),
  /** Parked messages of one partition at which it pauses. */
  PARKING_CAP: integerVariable(1, 10_000_000).default(20_000),
  OUTBOX_RELAY_MODE: z.enum(['idempotent', 'transactional']).default('idempotent'),
};

export type ServiceConfig = z.infer<z.ZodObject<typeof serviceEnvironment>>;

/**
 * Reads the schema's variables from an environment; others may be there. A variable can also come from a file, named
 * by `<VARIABLE>_FILE`, as secrets are mounted. An empty variable counts as absent.
 * @throws ConfigurationError naming every variable that is missing or wrong
 */
export function parseEnvironment<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  environment: NodeJS.ProcessEnv,
): z.infer<z.ZodObject<Shape>> {
  const problems: string[] = [];
  const values: Record<string, string> = {};
  for (const name of Object.keys(schema.shape)) {
    const value = readVariable(name, environment, problems);
    if (value !== undefined) values[name] = value;
  }
  const result = schema.safeParse(values);
  const named = new Set(problems.map((problem) => problem.split(' ', 1)[0]));
  for (const issue of result.error?.issues ?? []) {
    const name = String(issue.path[0] ?? 'The environment');
    if (named.has(name)) continue;
    problems.push(name in values ? `${name} ${issue.message}` : `${name} is missing`);
  }
  if (problems.length > 0 || !result.success) throw new ConfigurationError(problems);
  return result.data;
}

function readVariable(name: string, environment: NodeJS.ProcessEnv, problems: string[]): string | undefined {
  const value = environment[name] || undefined;
  const file = environment[`${name}_FILE`] || undefined;
  if (file === undefined) return value;
  if (value !== undefined) {
    problems.push(`${name} and ${name}_FILE are both given`);
    return undefined;
  }
  try {
    // Editors and `echo` end a file with a line break, which is part of no secret.
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '') || undefined;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    problems.push(`${name} can't be read from the file that ${name}_FILE names (${code})`);
    return undefined;
  }
}
