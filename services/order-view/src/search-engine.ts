import { Client, errors } from '@opensearch-project/opensearch';
import { FatalError, TransientError } from '@skald/messaging';

/** A search engine, OpenSearch or Elasticsearch: what both understand alike. */
export interface SearchEngine {
  /**
   * The body of the answer. "Nothing is there" of a document is an answer too. Throws TransientError while the engine is away
   * or has no room, SearchRefusal for what it will never do.
   */
  ask<Answer>(method: 'GET' | 'PUT' | 'POST' | 'DELETE', path: string, body?: object): Promise<Answer>;
  /** The same, of a body of one JSON text a line. */
  askLines<Answer>(path: string, lines: readonly object[]): Promise<Answer>;
  close(): Promise<void>;
}

/** The engine says no, and would again: our own request or its set-up is wrong. */
export class SearchRefusal extends FatalError {
  /** As the engine names it: `index_not_found_exception`. */
  readonly type: string;
  constructor(type: string, reason: string, options?: ErrorOptions) {
    super('SEARCH_REFUSED', `the search engine: ${type}: ${reason}`, options);
    this.name = 'SearchRefusal';
    this.type = type;
  }
}

/** Nobody can write to this index for the moment: search-index.ts, or a disk that is full. */
export class WritersHeld extends TransientError {
  constructor(reason: string, options?: ErrorOptions) {
    super('SEARCH_UNAVAILABLE', `the search engine: ${reason}`, options);
    this.name = 'WritersHeld';
  }
}

/** What the engine says of a request, or of one item in it, that it did not do. */
export interface Complaint {
  readonly type: string;
  readonly reason?: string | null;
}

/** `url`: http(s)://user:password@host:port */
export function createSearchEngine(url: string): SearchEngine {
  // Tried again by who waits for it: a second write behind our back would be told that its version is there already.
  const client = new Client({ node: url, maxRetries: 0 });
  const send = async (request: Parameters<Client['transport']['request']>[0]) => {
    try {
      // That a document isn't there comes as 404: an answer like others. So does a missing index, with an error in it.
      const { body, statusCode } = await client.transport.request(request, { ignore: [404] });
      const complaint = (body as { error?: Complaint }).error;
      if (complaint !== undefined) throw toError(complaint, statusCode ?? 404);
      return body;
    } catch (error) {
      throw classified(error);
    }
  };
  return {
    ask: (method, path, body) => send({ method, path, ...(body !== undefined && { body }) }),
    askLines: (path, lines) => send({ method: 'POST', path, bulkBody: lines as Record<string, unknown>[] }),
    close: () => client.close(),
  };
}

const BLOCKED = 'cluster_block_exception';

/** Full, starting, without a shard that answers: all of it passes. */
const passing = new Set([
  'es_rejected_execution_exception',
  'rejected_execution_exception',
  'no_shard_available_action_exception',
  'unavailable_shards_exception',
]);

/** `status`: HTTP's, or that of one item. */
export function toError({ type, reason }: Complaint, status: number, cause?: unknown): Error {
  const says = reason ?? String(status);
  if (type === BLOCKED) return new WritersHeld(`${type}: ${says}`, { cause });
  return status === 429 || status >= 500 || passing.has(type)
    ? new TransientError('SEARCH_UNAVAILABLE', `the search engine: ${type}: ${says}`, { cause })
    : new SearchRefusal(type, says, { cause });
}

function classified(error: unknown): unknown {
  if (error instanceof errors.ResponseError) {
    const body: unknown = error.body;
    const says = (body as { error?: Complaint | string } | undefined)?.error;
    const complaint =
      typeof says === 'object' ? says : { type: `HTTP ${error.statusCode}`, reason: says ?? error.message };
    return toError(complaint, error.statusCode, error);
  }
  // No connection, none in time, one that broke off in the middle of an answer.
  const isAway = [
    errors.ConnectionError,
    errors.TimeoutError,
    errors.NoLivingConnectionsError,
    errors.RequestAbortedError,
    errors.DeserializationError,
  ].some((kind) => error instanceof kind);
  if (!isAway) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new TransientError('SEARCH_UNAVAILABLE', `the search engine: ${reason}`, { cause: error });
}
