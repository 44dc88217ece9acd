import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { Problem } from './problem.ts';

type Guard = (request: FastifyRequest) => Promise<void>;

const guards = new WeakSet<object>();

/** Whether a hook asks for an operator's token: so the API's document says it of just those routes that do. */
export const isGuard = (hook: object): boolean => guards.has(hook);

/** Lets pass who shows the token. Compares digests: they are of one length, and the time it takes says nothing. */
export function createGuard(token: string): Guard {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const wanted = digest(`Bearer ${token}`);
  const guard: Guard = async (request) => {
    if (timingSafeEqual(digest(request.headers.authorization ?? ''), wanted)) return;
    throw new Problem({
      status: 401,
      detail: 'An operator’s bearer token is needed',
      headers: { 'www-authenticate': 'Bearer' },
    });
  };
  guards.add(guard);
  return guard;
}
