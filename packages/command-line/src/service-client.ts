import { z } from 'zod';
import { CommandError } from './errors.ts';

/** RFC 9457, as every service of this house answers it. */
const problemSchema = z.object({
  type: z.string().optional(),
  title: z.string(),
  detail: z.string().optional(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
});

/** A service says no: what is wrong, and each field of it, a line each. */
export class Refused extends CommandError {
  readonly status: number;
  /** Seconds after which it may say yes. */
  readonly retryAfter: number | undefined;
  constructor(message: string, { status, retryAfter }: { status: number; retryAfter: number | undefined }) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** Nobody answers, or breaks off. */
export class NoAnswer extends CommandError {}

export interface ServiceClientOptions {
  readonly service: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Hangs up, which ends what is under way. */
  readonly signal: AbortSignal;
  /** What to do where nobody answers. */
  readonly hint: string;
}

export interface Ask {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends this alone. */
  readonly signal?: AbortSignal;
}

/** HTTP as a command line needs it. What the signal is aborted with is thrown as it is. */
export interface ServiceClient {
  /** Throws Refused, NoAnswer. */
  send(path: string, ask?: Ask): Promise<Response>;
  /** Throws a CommandError, too, where the answer isn't of this service. */
  ask<Answer>(path: string, schema: z.ZodType<Answer>, ask?: Ask): Promise<Answer>;
  /** The same of a part of an answer. */
  parse<Answer>(schema: z.ZodType<Answer>, text: string): Answer;
}

export function createServiceClient(options: ServiceClientOptions): ServiceClient {
  const { service, url, signal, hint } = options;
  const base = url.replace(/\/+$/, '');

  async function send(
    path: string,
    { method = 'GET', body, headers = {}, signal: own }: Ask = {},
  ): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(base + path, {
        method,
        headers: {
          ...options.headers,
          ...headers,
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: own === undefined ? signal : AbortSignal.any([signal, own]),
      });
    } catch (cause) {
      signal.throwIfAborted();
      throw new NoAnswer(`There is no answer from ${service} at ${url} (${causeOf(cause)}). ${hint}`, {
        cause,
      });
    }
    if (!response.ok) throw await refusalOf(response, service);
    return response;
  }

  function parse<Answer>(schema: z.ZodType<Answer>, text: string): Answer {
    try {
      return schema.parse(JSON.parse(text));
    } catch (cause) {
      throw new CommandError(`What answers at ${url} is not ${service}, or another version of it`, { cause });
    }
  }

  return {
    send,
    parse,
    async ask(path, schema, ask) {
      const response = await send(path, ask);
      let text: string;
      try {
        text = await response.text();
      } catch (cause) {
        signal.throwIfAborted();
        throw new NoAnswer(`${service} broke off in the middle of its answer`, { cause });
      }
      return parse(schema, text);
    },
  };
}

async function refusalOf(response: Response, service: string): Promise<Refused> {
  const { status } = response;
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  const retryAfter = Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined;
  const text = await response.text().catch(() => '');
  return new Refused(complaintOf(text) ?? `${service} answered ${status}`, { status, retryAfter });
}

function complaintOf(text: string): string | undefined {
  try {
    const { title, detail, errors = [] } = problemSchema.parse(JSON.parse(text));
    // Where the detail says of a field what stands with the field, it is said once.
    const isRepeated = errors.some((field) => detail?.includes(field.detail));
    const head = detail === undefined || isRepeated ? title : detail;
    return [head, ...errors.map((field) => `  ${field.pointer}: ${field.detail}`)].join('\n');
  } catch {
    return undefined;
  }
}

function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
}
