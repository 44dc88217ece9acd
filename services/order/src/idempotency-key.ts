import { hash } from 'node:crypto';

/**
 * The Idempotency-Key header of draft-ietf-httpapi-idempotency-key-header: a Structured Field string (RFC 9651), so in
 * double quotes. Most clients leave the quotes out; a key without blanks or quotes is taken bare, and is the same key.
 */
export const idempotencyKeyPattern =
  /^(?:"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\]){1,255}"|[A-Za-z0-9!#$%&'*+.^_|~:/=-]{1,255})$/;

/** A header that matches the pattern → the key it carries. */
export function parseIdempotencyKey(header: string): string {
  return header.startsWith('"') ? header.slice(1, -1).replaceAll(/\\(["\\])/g, '$1') : header;
}

/** Of a parsed body, whose fields are in the schema's order whatever the order they came in. */
export const fingerprintOf = (body: object): string => hash('sha256', JSON.stringify(body), 'base64url');
