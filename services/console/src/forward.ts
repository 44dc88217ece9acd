import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { Problem } from '@skald/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ServiceUrls } from './service-urls.ts';

/** Hands a request on to a service, and its answer back, as it comes: nothing is gathered in between. */
export type Forward = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

export interface ForwardOptions {
  readonly urls: ServiceUrls;
  readonly service: string;
  /** What the path begins with here, and not there. */
  readonly prefix: string;
  /** Shown to the service. */
  readonly token?: string;
}

/** Ms until a service must have begun to answer: dead-letters may ask another one first. */
const PATIENCE_MS = 35_000;

const TO_SERVICE = [
  'accept',
  'content-type',
  'idempotency-key',
  'last-event-id',
  'traceparent',
  'tracestate',
];
const TO_BROWSER = ['content-type', 'cache-control', 'retry-after'];

export function createForward({ urls, service, prefix, token }: ForwardOptions): Forward {
  return async (request, reply) => {
    const base = urls[service];
    if (base === undefined) throw unknownService(service);
    const target = targetOf(base, prefix, request.url);
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const timer = setTimeout(() => gone.abort(new Error('no answer in time')), PATIENCE_MS);
    try {
      const answer = await fetch(target, {
        method: request.method,
        headers: headersFor(request, token),
        body: request.body === undefined ? null : JSON.stringify(request.body),
        redirect: 'manual',
        signal: gone.signal,
      });
      for (const name of TO_BROWSER) {
        const value = answer.headers.get(name);
        if (value !== null) reply.header(name, value);
      }
      return reply.code(answer.status).send(streamOf(answer));
    } catch (cause) {
      throw new Problem({ status: 503, detail: `${service} does not answer`, retryAfter: 1, cause });
    } finally {
      clearTimeout(timer);
    }
  };
}

const streamOf = ({ body }: Response): Readable | null => {
  if (body === null) return null;
  const stream = Readable.fromWeb(body as ReadableStream);
  // A service that breaks off, or a browser that has left: Fastify ends the answer, and nobody else is to be told.
  stream.on('error', () => undefined);
  return stream;
};

/** A path that a URL would read as another one (`..`) is on no list. */
function targetOf(base: string, prefix: string, url: string): URL {
  const target = base + url.slice(prefix.length);
  const parsed = new URL(target);
  if (parsed.href === target) return parsed;
  throw new Problem({ status: 404, detail: 'Nothing is here' });
}

function headersFor({ headers, trace }: FastifyRequest, token: string | undefined): Record<string, string> {
  const passed = TO_SERVICE.flatMap((name) => {
    const value = headers[name];
    return typeof value === 'string' ? [[name, value] as const] : [];
  });
  return {
    ...Object.fromEntries(passed),
    'x-correlation-id': trace.correlationId,
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
}

const unknownService = (service: string): Problem =>
  new Problem({
    status: 503,
    title: 'Unknown service',
    detail: `SERVICE_URLS holds no address of ${service}`,
  });
