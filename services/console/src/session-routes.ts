import '@fastify/cookie';
import { type App, Problem } from '@skald/service-kit';
import type { FastifyRequest } from 'fastify';
import { sessionAnswer } from './answer.ts';
import { loggingIn, loggingOut } from './docs.ts';
import { sessionBody } from './request.ts';
import type { ServiceUrls } from './service-urls.ts';
import type { Sessions } from './session.ts';

export interface SessionRouteOptions {
  readonly sessions: Sessions;
  readonly cookie: { readonly ttlMs: number; readonly isSecure: boolean };
  readonly traceUrl: string | undefined;
  readonly urls: ServiceUrls;
}

const COOKIE = 'skald-operator';
const tags = ['session'];

/** Lets pass who has shown the operator's token. */
export const createOperatorGuard = (sessions: Sessions) => async (request: FastifyRequest) => {
  if (sessions.isOpen(request.cookies[COOKIE])) return;
  throw new Problem({
    status: 401,
    type: 'urn:skald:problem:operator-only',
    title: 'For operators',
    detail: 'Show the operator’s token first',
  });
};

export function serveSession(app: App, { sessions, cookie, traceUrl, urls }: SessionRouteOptions): void {
  const flags = { path: '/api', httpOnly: true, sameSite: 'strict', secure: cookie.isSecure } as const;
  const answer = (isOperator: boolean) => ({
    isOperator,
    traceUrl: traceUrl ?? null,
    hasOrderView: urls['order-view'] !== undefined,
  });

  app.get(
    '/api/session',
    {
      schema: {
        tags,
        summary: 'Who asks, and what there is',
        description: 'What the page needs to know to begin.',
        response: { 200: sessionAnswer },
      },
    },
    async (request) => answer(sessions.isOpen(request.cookies[COOKIE])),
  );

  app.post(
    '/api/session',
    {
      config: { docs: loggingIn },
      schema: {
        tags,
        summary: 'Show the operator’s token',
        description: 'What remains in the browser is a signed cookie that no script can read.',
        body: sessionBody,
        response: { 200: sessionAnswer },
      },
    },
    async (request, reply) => {
      const session = sessions.open(request.body.token);
      if (session === undefined)
        throw new Problem({
          status: 403,
          type: 'urn:skald:problem:wrong-token',
          title: 'Wrong token',
          detail: 'That is not the operator’s token',
        });
      reply.setCookie(COOKIE, session, { ...flags, maxAge: Math.floor(cookie.ttlMs / 1_000) });
      return answer(true);
    },
  );

  app.delete(
    '/api/session',
    {
      config: { docs: loggingOut },
      schema: {
        tags,
        summary: 'Be no operator any more',
        description: 'Forgets the cookie.',
        response: { 200: sessionAnswer },
      },
    },
    async (_request, reply) => {
      reply.clearCookie(COOKIE, flags);
      return answer(false);
    },
  );
}
