import { isUtf8 } from 'node:buffer';
import type { FastifyRequest } from 'fastify';
import { invalidBody, unsupportedBody } from './error-handler.ts';
import type { App } from './http.ts';

const foreignCharset = /charset\s*=(?!\s*"?utf-?8\b)/i;

/**
 * The only bodies that are read: JSON in UTF-8, however its Content-Type is spelled. Everything else is a 415, so that
 * nothing reaches a handler unparsed. `__proto__` and `constructor` with a prototype are refused.
 */
export function acceptOnlyJson(app: App): void {
  const parseText = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const problem = problemOf(request, body);
    if (problem !== undefined) return done(problem);
    // What the body must be, the route's schema says; a route without one needs none.
    if (body.length === 0) return done(null, undefined);
    const text = body.toString('utf8');
    void parseText(request, text, (error, value) => {
      if (error !== null) return done(error);
      // Postgres has no such character in its texts: refused here, it isn't a 500 there.
      if (text.includes('\\u0000') && holdsNul(value))
        return done(invalidBody('A text holds the character NUL'));
      done(null, value);
    });
  });
}

function problemOf(request: FastifyRequest, body: Buffer) {
  const type = request.headers['content-type'] ?? '';
  if (type.length > 16 && foreignCharset.test(type)) return unsupportedBody();
  return isUtf8(body) ? undefined : invalidBody('The body is not valid UTF-8');
}

/** Walks with a list of its own: a body can be nested deeper than the stack. */
function holdsNul(root: unknown): boolean {
  const open = [root];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value === 'string' && value.includes('\0')) return true;
    if (typeof value === 'object' && value !== null)
      open.push(...Object.keys(value), ...Object.values(value));
  }
  return false;
}
