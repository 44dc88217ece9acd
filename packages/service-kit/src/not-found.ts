import type { FastifyReply, FastifyRequest } from 'fastify';
import { pathOf, sendProblem } from './error-handler.ts';
import type { App } from './http.ts';
import { Problem } from './problem.ts';

/** Tells a path that doesn't exist (404) from a method that a path doesn't know (405 with Allow). */
export function createNotFoundHandler(app: App) {
  const methodsOf = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const methods = methodsOf.get(url) ?? new Set();
    for (const name of [method].flat()) methods.add(name);
    methodsOf.set(url, methods);
  });

  return function handleNotFound(request: FastifyRequest, reply: FastifyReply): void {
    const path = pathOf(request.url);
    const allowed = new Set<string>();
    for (const [pattern, methods] of methodsOf) {
      if (matches(pattern, path)) for (const method of methods) allowed.add(method);
    }
    const problem =
      allowed.size === 0
        ? new Problem({ status: 404, detail: 'Nothing is here' })
        : new Problem({
            status: 405,
            detail: `${request.method} is not for this path`,
            headers: { allow: [...allowed].sort().join(', ') },
          });
    sendProblem(problem, request, reply);
  };
}

/** Only for the answer to a request that no route took, so plain rather than fast. */
function matches(pattern: string, path: string): boolean {
  const parts = path.split('/');
  const wanted = pattern.split('/');
  if (wanted.at(-1) === '*') return wanted.slice(0, -1).every((part, index) => fits(part, parts[index]));
  return parts.length === wanted.length && wanted.every((part, index) => fits(part, parts[index]));
}

function fits(wanted: string, part: string | undefined): boolean {
  return wanted.startsWith(':') ? part !== undefined && part !== '' : wanted === part;
}
