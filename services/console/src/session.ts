import { createHash, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { Problem } from '@skald/service-kit';

export interface SessionOptions {
  readonly token: string;
  readonly ttlMs: number;
  /** Epoch ms. */
  readonly now?: () => number;
}

/**
 * Who has shown the operator's token. A session is a signed time until which it holds, so that it outlives a restart of the
 * console; its key is made from the token, so that it doesn't outlive that.
 */
export interface Sessions {
  /** The session's cookie value; undefined for a wrong token. Throws a 429 Problem when too many were wrong. */
  open(token: string): string | undefined;
  isOpen(session: string | undefined): boolean;
}

/** Wrong tokens a minute, of all callers together: there is one operator's token, and it isn't typed by hand. */
const MAX_WRONG = 20;
const MINUTE_MS = 60_000;

export function createSessions({ token, ttlMs, now = Date.now }: SessionOptions): Sessions {
  const key = Buffer.from(hkdfSync('sha256', token, '', 'skald console session', 32));
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const wanted = digest(token);
  const sign = (text: string) => createHmac('sha256', key).update(text).digest('base64url');
  let wrong: number[] = [];

  return {
    open(shown) {
      wrong = wrong.filter((at) => at > now() - MINUTE_MS);
      if (wrong.length >= MAX_WRONG)
        throw new Problem({ status: 429, detail: 'Too many wrong tokens: wait a minute', retryAfter: 60 });
      // Digests are of one length, and the time it takes to compare them says nothing.
      if (!timingSafeEqual(digest(shown), wanted)) {
        wrong.push(now());
        return undefined;
      }
      const claim = `${now() + ttlMs}.${randomBytes(12).toString('base64url')}`;
      return `${claim}.${sign(claim)}`;
    },
    isOpen(session) {
      const [until = '', nonce = '', signature = ''] = (session ?? '').split('.');
      const isSigned = timingSafeEqual(digest(signature), digest(sign(`${until}.${nonce}`)));
      return isSigned && Number(until) > now();
    },
  };
}
