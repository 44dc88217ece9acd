import { publishedSources, readPublished } from '@skald/auditor';
import { UsageError } from '@skald/command-line';
import { z } from 'zod';
import type { CommandOptions } from './options.ts';

const variables = z.object({
  KAFKA_BROKERS: z.string().optional(),
  SCHEMA_REGISTRY_URL: z.url().optional(),
  AUDITOR_DATABASE_URL: z.string().optional(),
  SCRATCH_DATABASE_URL: z.string().optional(),
});

/** Where the topics are, and what their schemas are. */
export interface Log {
  readonly kafka: { readonly brokers: readonly string[] };
  readonly registry: string;
}

export interface Sources {
  /** Throws a UsageError that says what is missing. */
  log(): Log;
  /** The order service's database, with a role that can only read. Throws a UsageError. */
  orderDatabase(): string;
  /** A Postgres whose role may create databases; undefined: one is started. */
  readonly scratch: string | undefined;
}

/** Flags first, then the environment, then what a local stack has published in its data folder. Throws a UsageError. */
export function findSources(
  options: CommandOptions,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Sources {
  const parsed = variables.safeParse(environment);
  if (!parsed.success) throw new UsageError(z.prettifyError(parsed.error));
  const told = parsed.data;
  const stack = readPublished(options.directory, publishedSources);
  const missing = (flag: string) =>
    new UsageError(
      `No stack has published its addresses in ${options.directory}/state.json: start it once (npm start), or give ${flag}`,
    );
  return {
    log() {
      const brokers = (options.brokers ?? told.KAFKA_BROKERS)?.split(',') ?? stack?.kafka.brokers;
      const registry = options.registry ?? told.SCHEMA_REGISTRY_URL ?? stack?.registry;
      if (brokers === undefined) throw missing('--brokers');
      if (registry === undefined) throw missing('--registry');
      return { kafka: { brokers }, registry };
    },
    orderDatabase() {
      const template = options.database ?? told.AUDITOR_DATABASE_URL;
      const url = template?.replaceAll('{service}', 'order') ?? stack?.auditor['order'];
      if (url === undefined) throw missing('--database');
      return url;
    },
    scratch: options.scratch ?? told.SCRATCH_DATABASE_URL,
  };
}

const ofHandlers = z.object({
  /** postgres://…/…{service}: an empty database for each service. */
  REPLAY_DATABASE_URL: z.string(),
});

/** What a checkout's handlers are told of the world: their databases, and no other address. */
export const environmentOfHandlers = (
  template: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string> => ({
  PATH: environment['PATH'] ?? '',
  HOME: environment['HOME'] ?? '',
  REPLAY_DATABASE_URL: template,
});

/** Throws a ZodError where nobody has said it. */
export const databaseOfHandlers = (): string => ofHandlers.parse(process.env).REPLAY_DATABASE_URL;
