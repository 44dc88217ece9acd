import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  fastify,
  LogController,
  type RawServerDefault,
} from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { Registry } from 'prom-client';
import { type Admission, createAdmission } from './admission.ts';
import { answerBrokenRequest } from './broken-request.ts';
import { serveDocs } from './docs.ts';
import { createErrorHandler } from './error-handler.ts';
import { serveHealth } from './health.ts';
import { acceptOnlyJson } from './json-body.ts';
import { createLogger, type Logger } from './log.ts';
import { observeRequests, serveMetrics } from './metrics.ts';
import { createNotFoundHandler } from './not-found.ts';
import { Problem } from './problem.ts';
import { traceRequests } from './request-spans.ts';
import type { RouteDocs } from './route-docs.ts';
import type { Check } from './service.ts';
import { type RequestTrace, traceOf } from './trace-context.ts';
import { strictValidatorCompiler } from './validation.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks, for logs and for the events that follow. Valid with tracing off, too. */
    trace: RequestTrace;
  }
  interface FastifyContextConfig {
    /** Its answer may take as long as it takes: it is written as it goes. */
    isLong?: boolean;
    /** What the API's document says of it beside its schemas. */
    docs?: RouteDocs;
  }
}

/** What a service registers its routes on: schemas are zod, and types follow from them. */
export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

export interface HttpLimits {
  /** Bytes of a body. */
  readonly bodyLimit: number;
  /** Requests at once. */
  readonly maxInFlight: number;
  /** Ms that a turn of the event loop may take before requests are refused. */
  readonly maxEventLoopDelay: number;
  /** Ms until a request must have come in completely, and then again until it must have been answered. */
  readonly requestTimeout: number;
}

const defaultLimits: HttpLimits = {
  bodyLimit: 64 * 1024,
  maxInFlight: 1_000,
  maxEventLoopDelay: 1_000,
  requestTimeout: 10_000,
};

export interface HttpOptions {
  /** The service's name: the title of its API. */
  readonly name: string;
  /** What the service is there for, in a sentence or two: begins its API's document. */
  readonly description?: string;
  readonly logger?: Logger;
  readonly metrics?: Registry;
  readonly limits?: Partial<HttpLimits>;
  /** What `/readyz` answers. */
  readonly readiness?: () => Promise<readonly Check[]> | readonly Check[];
  /** Whether each request gets a span. */
  readonly traced?: boolean;
}

export interface Http {
  readonly app: App;
  /** Not ready from now on; new requests are refused; resolves when those in flight are answered. */
  drain(): Promise<void>;
}

/** A server with everything but a service's routes: limits, problems, health, metrics, docs. */
export async function createHttp(options: HttpOptions): Promise<Http> {
  const limits = { ...defaultLimits, ...options.limits };
  const logger = options.logger ?? createLogger(options.name, 'silent');
  const metrics = options.metrics ?? new Registry();
  const admission = createAdmission(limits, metrics);
  const app = createServer(limits, logger);

  app.setValidatorCompiler(strictValidatorCompiler);
  // What handlers answer is checked by the compiler, against the same schemas: not a second time for each request.
  app.setSerializerCompiler(() => JSON.stringify);
  app.setErrorHandler(createErrorHandler(logger));
  app.setNotFoundHandler(createNotFoundHandler(app));
  acceptOnlyJson(app);
  // As long again as the request itself may take to come in.
  admitRequests(app, admission, 2 * limits.requestTimeout);
  if (options.traced === true) traceRequests(app);
  observeRequests(app, metrics, logger);
  await serveDocs(app, options.name, options.description ?? '');
  serveHealth(app, admission, logger, options.readiness ?? (() => []));
  serveMetrics(app, metrics);
  return { app, drain: () => admission.close() };
}

function createServer(limits: HttpLimits, logger: Logger): App {
  const app = fastify({
    loggerInstance: logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    // A child for each request costs more than the few entries that would use it: see `request.trace`.
    childLoggerFactory: (parent) => parent,
    bodyLimit: limits.bodyLimit,
    requestTimeout: limits.requestTimeout,
    // Whoever reads an answer slower than this doesn't want it.
    connectionTimeout: 3 * limits.requestTimeout,
    http: {
      headersTimeout: Math.min(5_000, limits.requestTimeout),
      // How often slow requests are looked for: their limits are exact to this many ms, and a handler's own comes well after.
      connectionsCheckingInterval: Math.min(2_000, limits.requestTimeout / 4),
    },
    clientErrorHandler: answerBrokenRequest,
  });
  return app.withTypeProvider<ZodTypeProvider>();
}

/** Probes are answered when nobody else is, or a busy service would be taken for a dead one. */
const alwaysAdmitted = new Set(['/livez', '/readyz', '/metrics']);

function admitRequests(app: App, admission: Admission, answerTimeout: number): void {
  app.decorateRequest('trace');
  app.addHook('onRequest', (request, reply, done) => {
    request.trace = traceOf(request.headers);
    reply.header('x-correlation-id', request.trace.correlationId);
    if (alwaysAdmitted.has(request.url)) return done();
    const problem = admit(request.url, admission);
    if (problem !== undefined) return done(problem);
    const isLong = request.routeOptions.config.isLong === true;
    if (isLong) request.raw.socket.setTimeout(0);
    const timer = isLong ? undefined : setTimeout(giveUp, answerTimeout, reply);
    // Comes for a caller that hung up, too, where Fastify's onResponse doesn't.
    reply.raw.once('close', () => {
      clearTimeout(timer);
      admission.leave();
    });
    done();
  });
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (admission.isClosed) reply.header('connection', 'close');
    done(null, payload);
  });
}

/** Counts a request in, or says why not. */
function admit(url: string, admission: Admission): Problem | undefined {
  if (url.includes('%00')) return new Problem({ status: 400, detail: 'The URL holds the character NUL' });
  const refusal = admission.enter();
  if (refusal === undefined) return undefined;
  return new Problem({ status: 503, detail: refusals[refusal], retryAfter: 1 });
}

/** Fastify's own `handlerTimeout` aborts a signal at the end of every request, which took a tenth of the time of all. */
function giveUp(reply: FastifyReply): void {
  if (reply.raw.headersSent) {
    reply.raw.destroy();
    return;
  }
  const detail = 'No answer in time; whether it was done is not known';
  reply.send(new Problem({ status: 503, detail, retryAfter: 1 }));
}

const refusals = {
  stopping: 'This instance is stopping: another one will serve you',
  'in-flight': 'Too many requests at once',
  'event-loop': 'This instance is overloaded',
} as const;
