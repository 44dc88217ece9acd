import { Problem } from '@skald/service-kit';
import type { FastifyRequest } from 'fastify';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * What changes something is asked by our own page alone: a browser says in Sec-Fetch-Site, an older one in Origin, from where
 * a request comes, and no page can make it say something else. Who says neither is no browser, and has the services.
 */
export async function requireSameOrigin(request: FastifyRequest): Promise<void> {
  if (SAFE.has(request.method) || isSameOrigin(request.headers)) return;
  throw new Problem({
    status: 403,
    type: 'urn:skald:problem:other-origin',
    title: 'Other origin',
    detail: 'The console takes orders from its own page alone',
  });
}

function isSameOrigin({ host, origin, 'sec-fetch-site': site }: FastifyRequest['headers']): boolean {
  const isOriginOurs = origin !== undefined && hostOf(origin) === host;
  if (site === undefined) return isOriginOurs;
  return site === 'same-origin' && (origin === undefined || isOriginOurs);
}

function hostOf(origin: string): string | undefined {
  try {
    return new URL(origin).host;
  } catch {
    return undefined;
  }
}
