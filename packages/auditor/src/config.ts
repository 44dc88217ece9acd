import { readStateFile, UsageError } from '@skald/command-line';
import { serviceNames } from '@skald/contracts';
import { z } from 'zod';
import type { CommandOptions } from './options.ts';
import type { Witnesses } from './witnesses.ts';

const variables = z.object({
  KAFKA_BROKERS: z.string().optional(),
  SCHEMA_REGISTRY_URL: z.url().optional(),
  AUDITOR_DATABASE_URL: z.string().optional(),
  PAYMENT_PROVIDER_URL: z.url().optional(),
  MAILS_URL: z.url().optional(),
});

/** Where the log and the databases are, as a stack publishes it. */
export const publishedSources = z.object({
  kafka: z.object({ brokers: z.array(z.string()).min(1) }),
  registry: z.string(),
  auditor: z.record(z.string(), z.string()),
});
const publishedWitnesses = publishedSources.extend({
  paymentProvider: z.string(),
  mail: z.object({ messages: z.string() }),
});

/**
 * Where the witnesses are: flags first, then the environment, then what a local stack has published in its data folder.
 * Throws a UsageError that names what is missing or wrong.
 */
export function findWitnesses(
  options: CommandOptions,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Witnesses {
  const parsed = variables.safeParse(environment);
  if (!parsed.success) throw new UsageError(z.prettifyError(parsed.error));
  const told = parsed.data;
  const brokers = options.brokers ?? told.KAFKA_BROKERS;
  const registry = options.registry ?? told.SCHEMA_REGISTRY_URL;
  const database = options.database ?? told.AUDITOR_DATABASE_URL;
  const paymentProvider = options.paymentProvider ?? told.PAYMENT_PROVIDER_URL;
  const mails = options.mails ?? told.MAILS_URL;
  if (database?.includes('{service}') === false)
    throw new UsageError('--database needs {service} where the name of the service goes');
  const own = {
    ...(brokers !== undefined && { kafka: { brokers: brokers.split(',') } }),
    ...(registry !== undefined && { registry }),
    ...(database !== undefined && { auditor: databasesOf(database) }),
    ...(paymentProvider !== undefined && { paymentProvider }),
    ...(mails !== undefined && { mail: { messages: mails } }),
  };
  if (isWhole(own)) return own;
  const stack = readPublished(options.directory, publishedWitnesses);
  if (stack === undefined) {
    const missing = needed.filter((name) => own[name] === undefined).map((name) => flags[name]);
    throw new UsageError(
      `No stack has published its addresses in ${options.directory}/state.json: start it once (npm start), or give ${missing.join(', ')}`,
    );
  }
  return { ...stack, ...own };
}

const flags = {
  kafka: '--brokers',
  registry: '--registry',
  auditor: '--database',
  paymentProvider: '--payment-provider',
  mail: '--mails',
} as const;
const needed = Object.keys(flags) as (keyof typeof flags)[];

const isWhole = (own: Partial<Witnesses>): own is Witnesses =>
  needed.every((name) => own[name] !== undefined);

const databasesOf = (template: string): Record<string, string> =>
  Object.fromEntries(serviceNames.map((name) => [name, template.replaceAll('{service}', name)]));

/** What a stack that has this data folder says of its addresses; undefined where there is none, or something is missing. */
export function readPublished<Addresses>(
  directory: string,
  witnesses: z.ZodType<Addresses>,
): Addresses | undefined {
  return readStateFile(directory, z.object({ witnesses }))?.witnesses;
}
