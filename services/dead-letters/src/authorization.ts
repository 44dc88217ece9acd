import { createHash, timingSafeEqual } from 'node:crypto';
import { Problem } from '@skald/service-kit';

interface Asked {
  readonly headers: { readonly authorization?: string | undefined };
}

/** Lets pass who shows the token as `Authorization: Bearer …`. */
export function createGuard(token: string) {
  const wanted = digest(token);
  return function guard(request: Asked, _reply: unknown, done: (error?: Error) => void): void {
    const [, shown] = /^Bearer +([^\s]+)$/i.exec(request.headers.authorization ?? '') ?? [];
    // Digests are of one length, so that the time to compare them tells nothing.
    const isKnown = shown !== undefined && timingSafeEqual(digest(shown), wanted);
    done(isKnown ? undefined : unauthorized());
  };
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

const unauthorized = (): Problem =>
  new Problem({
    status: 401,
    detail: 'Show the operator token: Authorization: Bearer …',
    headers: { 'www-authenticate': 'Bearer' },
  });
