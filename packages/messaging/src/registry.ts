import { COMPATIBILITY, SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import { logicalTypes } from '@skald/contracts';
import avsc, { type Type } from 'avsc';
import { FatalError, PoisonError, TransientError } from './errors.ts';
import { kindOfRegistryStatus } from './failures.ts';

/** Below the consumer's session timeout: nobody sends heartbeats meanwhile. */
const TIMEOUT_MS = 3_000;

/** The schema registry, as far as a running service needs it. */
export interface Registry {
  /**
   * The type registered under an id. Undefined: the registry answered that there is none.
   * Throws PoisonError UNKNOWN_SCHEMA for one that isn't Avro.
   */
  typeOf(id: number): Promise<Type | undefined>;
  /** The id under which this schema is registered for the subject. Undefined: it isn't. */
  idOf(subject: string, schema: object): Promise<number | undefined>;
  /** Registers the schema, BACKWARD_TRANSITIVE. Throws what the registry says when it refuses. */
  register(subject: string, schema: object): Promise<number>;
}

export function createRegistry(url: string): Registry {
  const client = new SchemaRegistry(
    { host: url.replace(/\/$/, ''), retry: { retries: 0 } },
    { [SchemaType.AVRO]: { logicalTypes, wrapUnions: 'never' } },
  );
  return {
    typeOf: (id) =>
      unlessMissing(client.getSchema(id), (found) => {
        if (avsc.Type.isType(found)) return found as unknown as Type;
        throw new PoisonError('UNKNOWN_SCHEMA', `schema ${id} is not Avro`);
      }),
    idOf: (subject, schema) =>
      unlessMissing(client.getRegistryIdBySchema(subject, confluent(schema)), (id) => id),
    async register(subject, schema) {
      const compatibility = COMPATIBILITY.BACKWARD_TRANSITIVE;
      try {
        return (await client.register(confluent(schema), { subject, compatibility })).id;
      } catch (error) {
        if (isRefusal(error))
          throw new FatalError('SCHEMA_REFUSED', `${subject}: ${String(error)}`, { cause: error });
        throw unavailable(error);
      }
    },
  };
}

const confluent = (schema: object) => ({ type: SchemaType.AVRO, schema: JSON.stringify(schema) }) as const;

/**
 * Only an answer of 404 says that something is missing. The client reports a refused connection as status 400
 * and has no timeout: all else is an outage, to be waited out.
 */
async function unlessMissing<Found, Wanted>(
  request: Promise<Found>,
  take: (found: Found) => Wanted,
): Promise<Wanted | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new NoAnswer(`no answer within ${TIMEOUT_MS} ms`)), TIMEOUT_MS);
  });
  try {
    return take(await Promise.race([request, timeout]));
  } catch (error) {
    if (isMissing(error)) return undefined;
    if (error instanceof PoisonError) throw error;
    // It came, and the client can't make anything of it.
    if (isUnreadable(error)) throw new PoisonError('UNKNOWN_SCHEMA', String(error), { cause: error });
    throw unavailable(error);
  } finally {
    clearTimeout(timer);
  }
}

const unavailable = (error: unknown): TransientError =>
  new TransientError('REGISTRY_UNAVAILABLE', `schema registry: ${String(error)}`, { cause: error });

/** 409: incompatible with what is registered; 422: not a schema. */
const isRefusal = (error: unknown): boolean =>
  error instanceof Error && 'status' in error && kindOfRegistryStatus(error.status) === 'fatal';

/** What goes wrong on the way has a status; what is wrong with the schema comes from a parser, and has none. */
const isUnreadable = (error: unknown): boolean =>
  error instanceof Error && !('status' in error) && !(error instanceof NoAnswer);

class NoAnswer extends Error {}

const isMissing = (error: unknown): boolean =>
  error instanceof Error &&
  (('status' in error && kindOfRegistryStatus(error.status) === 'poison') ||
    // getRegistryIdBySchema wraps its 404 and drops the status.
    error.name === 'ConfluentSchemaRegistryError');
