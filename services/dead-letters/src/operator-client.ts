import {
  type ActRequest,
  type EditRequest,
  type GroupName,
  type LogPage,
  logPageSchema,
  type ParkedDetail,
  parkedDetailSchema,
  type RedriveAnswer,
  type RedriveRequest,
  redriveAnswerSchema,
  type TryAnswer,
  type TryRequest,
  tryAnswerSchema,
} from '@skald/contracts';
import { Problem, problemSchema } from '@skald/service-kit';
import type { z } from 'zod';
import type { Identity } from './dead-letter.ts';
import type { ServiceUrls } from './service-urls.ts';

/** The service can't be asked just now: nothing is known of what it did. */
export class ServiceAway extends Error {
  readonly code = 'SERVICE_AWAY';
  readonly retryable = true;
  readonly service: GroupName;
  constructor(service: GroupName, because: string, options?: ErrorOptions) {
    super(`${service} does not answer: ${because}`, options);
    this.name = 'ServiceAway';
    this.service = service;
  }
}

/**
 * The operator routes of the services. All throw ServiceAway while one is away or overloaded, and a Problem for what it
 * refuses.
 */
export interface OperatorClient {
  knows(service: GroupName): boolean;
  /** Undefined: not parked there. */
  detail(id: Identity): Promise<ParkedDetail | undefined>;
  try(service: GroupName, request: TryRequest): Promise<TryAnswer>;
  redrive(service: GroupName, request: RedriveRequest): Promise<RedriveAnswer>;
  discard(service: GroupName, request: ActRequest): Promise<RedriveAnswer>;
  edit(service: GroupName, request: EditRequest): Promise<ParkedDetail>;
  log(service: GroupName, after: number): Promise<LogPage>;
}

/** A batch of 50 messages, each a transaction of its own, on a busy machine, ms. */
const TIMEOUT_MS = 30_000;
const LOG_PAGE = 1_000;

export function createOperatorClient(urls: ServiceUrls, token: string): OperatorClient {
  async function call<Answer>(
    service: GroupName,
    path: string,
    schema: z.ZodType<Answer>,
    body?: unknown,
  ): Promise<Answer> {
    const url = urls[service];
    if (url === undefined) throw unknownService(service);
    const response = await send(service, `${url}/operator${path}`, token, body);
    const answer = await textOf(service, response);
    if (!response.ok) throw toError(service, response, answer);
    return parse(service, schema, answer);
  }

  return {
    knows: (service) => urls[service] !== undefined,
    async detail({ group, topic, partition, offset }) {
      try {
        return await call(group, `/parked/${topic}/${partition}/${offset}`, parkedDetailSchema);
      } catch (error) {
        if (error instanceof Problem && error.status === 404) return undefined;
        throw error;
      }
    },
    try: (service, request) => call(service, '/try', tryAnswerSchema, request),
    redrive: (service, request) => call(service, '/redrive', redriveAnswerSchema, request),
    discard: (service, request) => call(service, '/discard', redriveAnswerSchema, request),
    edit: (service, request) => call(service, '/edit', parkedDetailSchema, request),
    log: (service, after) => call(service, `/log?limit=${LOG_PAGE}&after=${after}`, logPageSchema),
  };
}

async function send(service: GroupName, url: string, token: string, body: unknown): Promise<Response> {
  try {
    return await fetch(url, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (cause) {
    throw new ServiceAway(service, causeOf(cause), { cause });
  }
}

async function textOf(service: GroupName, response: Response): Promise<string> {
  try {
    return await response.text();
  } catch (cause) {
    throw new ServiceAway(service, 'it broke off', { cause });
  }
}

/** fetch says that it failed, and in its cause why. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
}

function parse<Answer>(service: GroupName, schema: z.ZodType<Answer>, text: string): Answer {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Problem({ status: 502, detail: `${service} answered what is not agreed upon`, cause });
  }
}

/** What it refuses is passed on, as it names the fields; our own token being wrong is nobody's fault who asks us. */
function toError(service: GroupName, response: Response, text: string): Error {
  const problem = parseProblem(text);
  const detail = problem?.detail ?? problem?.title ?? `status ${response.status}`;
  if (response.status === 503 || response.status === 429) return new ServiceAway(service, detail);
  const isTheirs = response.status === 404 || response.status === 409 || response.status === 422;
  if (!isTheirs && response.status !== 400)
    return new Problem({ status: 502, detail: `${service} answered ${response.status}: ${detail}` });
  return new Problem({
    status: response.status,
    detail: `${service}: ${detail}`,
    ...(problem && { type: problem.type, title: problem.title }),
    ...(problem?.errors && { errors: problem.errors }),
  });
}

function parseProblem(text: string) {
  try {
    return problemSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** `names`: of one service or several. */
export const unknownService = (names: string): Problem =>
  new Problem({
    status: 422,
    type: 'urn:skald:problem:unknown-service',
    title: 'Unknown service',
    detail: `SERVICE_URLS holds no address of ${names}: its dead letters can be looked at alone`,
  });
