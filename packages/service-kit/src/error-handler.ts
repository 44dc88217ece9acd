import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from './log.ts';
import { Problem, problemContentType, problemText } from './problem.ts';

/** What Fastify finds wrong with a request before any handler sees it: its error code → the problem. */
const requestProblems: Readonly<Record<string, () => Problem>> = {
  FST_ERR_BAD_URL: () => new Problem({ status: 400, detail: 'The URL is malformed' }),
  FST_ERR_MAX_PARAM_LENGTH: () => new Problem({ status: 414, detail: 'A part of the path is too long' }),
  FST_ERR_CTP_BODY_TOO_LARGE: () => new Problem({ status: 413, detail: 'The body is too large' }),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () =>
    new Problem({ status: 400, detail: 'The body is not as long as Content-Length says' }),
  FST_ERR_CTP_INVALID_JSON_BODY: () => invalidBody('The body is not valid JSON'),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () => unsupportedBody(),
  FST_ERR_HANDLER_TIMEOUT: () =>
    new Problem({
      status: 503,
      detail: 'No answer in time; whether it was done is not known',
      retryAfter: 1,
    }),
};

/** A body that can't even be read as what it says it is. */
export function invalidBody(detail: string): Problem {
  return new Problem({ status: 400, detail, errors: [{ pointer: '#', detail }] });
}

/** A body that nobody reads here. */
export function unsupportedBody(): Problem {
  return new Problem({
    status: 415,
    detail: 'The body must be application/json in UTF-8',
    headers: { accept: 'application/json' },
  });
}

/** Every error → a problem that may leave the house. What is unexpected keeps its details to itself. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (!(error instanceof Error)) return new Problem({ status: 500, cause: error });
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const known = requestProblems[code];
  if (known !== undefined) return known();
  if (code.startsWith('FST_ERR_')) return ofFramework(error);
  // The kernel's and our own errors say whether trying again helps: an outage, too much work waiting.
  if ('retryable' in error && error.retryable === true) {
    return new Problem({ status: 503, detail: 'Try again in a moment', retryAfter: 1, cause: error });
  }
  return new Problem({ status: 500, cause: error });
}

function ofFramework(error: Error): Problem {
  const status = 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;
  return status < 500
    ? new Problem({ status, detail: error.message, cause: error })
    : new Problem({ status, cause: error });
}

/** The only place where an error becomes an answer. */
export function createErrorHandler(logger: Logger) {
  return function handleError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const problem = toProblem(error);
    if (problem.status >= 500) {
      const { traceId, correlationId } = request.trace;
      // An overload or an outage is told by metrics and by whoever waits: not by an entry a request.
      const level = problem.status === 503 ? 'debug' : 'error';
      logger[level]({ err: problem.cause ?? error, traceId, correlationId }, `${request.method} failed`);
    }
    sendProblem(problem, request, reply);
  };
}

export function sendProblem(problem: Problem, request: FastifyRequest, reply: FastifyReply): void {
  reply
    .code(problem.status)
    .headers(problem.headers)
    .type(problemContentType)
    // Serialised here: a route's response schema is for its own answers.
    .serializer(asIs)
    .send(problemText(problem, pathOf(request.url), request.trace.traceId));
}

function asIs(text: unknown): string {
  return String(text);
}

/** The path without its query, which may hold what belongs in no log and no answer. */
export function pathOf(url: string): string {
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}
