import { randomFillSync, randomUUID } from 'node:crypto';

/** What a request is known by in logs, traces and the events that follow from it. */
export interface RequestTrace {
  /** W3C trace context, version 00: what follows is published in it. */
  readonly traceparent: string;
  /** 32 hex digits. */
  readonly traceId: string;
  /** The caller's `x-correlation-id`, or a new UUID. */
  readonly correlationId: string;
}

const traceparentPattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const noTraceId = '0'.repeat(32);
const noSpanId = '0'.repeat(16);

/** A correlation id goes into logs, headers and rows: printable, without blanks, 128 characters at most. */
const correlationIdPattern = /^[\w.:@/+=-]{1,128}$/;

/** The trace id of a valid `traceparent` (https://www.w3.org/TR/trace-context/#traceparent-header), else undefined. */
export function parseTraceparent(header: unknown): { traceparent: string; traceId: string } | undefined {
  if (typeof header !== 'string') return undefined;
  const match = traceparentPattern.exec(header);
  if (match === null) return undefined;
  const [, version, traceId = noTraceId, spanId = noSpanId, flags, rest] = match;
  if (version === 'ff' || traceId === noTraceId || spanId === noSpanId) return undefined;
  if (version === '00' && rest !== undefined) return undefined;
  return { traceparent: `00-${traceId}-${spanId}-${flags}`, traceId };
}

/** A trace of our own. Its flag says that nobody records it. */
export function createTraceparent(): { traceparent: string; traceId: string } {
  const ids = randomHex();
  const traceId = ids.slice(0, 32);
  return { traceparent: `00-${traceId}-${ids.slice(32)}-00`, traceId };
}

export function correlationIdOf(header: unknown): string {
  return typeof header === 'string' && correlationIdPattern.test(header) ? header : randomUUID();
}

/** The trace of a request where tracing is off: the caller's context is passed on as it came. */
export function traceOf(headers: Readonly<Record<string, unknown>>): RequestTrace {
  const { traceparent: given } = headers;
  const { traceparent, traceId } = parseTraceparent(given) ?? createTraceparent();
  return { traceparent, traceId, correlationId: correlationIdOf(headers['x-correlation-id']) };
}

/** Bytes of a trace id and a span id. All zeros, which would be invalid, is as likely as finding them by guessing. */
const bytesPerTrace = 24;
const pool = Buffer.alloc(bytesPerTrace * 170);
let used = pool.length;

/** One call of the random generator for 170 traces: it costs far more than the bytes do. */
function randomHex(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytesPerTrace;
  return pool.toString('hex', used - bytesPerTrace, used);
}
