import { ROOT_CONTEXT, type SpanContext, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';

/** One step of a trace. */
export interface Span {
  /** What follows is published in this context; undefined where nothing came in and tracing is off. */
  readonly traceparent: string | undefined;
  fail(error: unknown): void;
  end(): void;
}

export interface Tracer {
  /** A step that follows from an input, under the trace context that it came with. */
  start(
    name: string,
    from: { readonly key: string; readonly traceparent?: string | null | undefined },
    kind?: 'consumer' | 'client',
  ): Span;
}

const FORMAT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/**
 * A span for each message, each with the message's own parent, so that one trace holds a whole order. Where nobody
 * records, the context is passed on as it came, and a step costs nothing.
 */
export function createTracer(service: string): Tracer {
  const tracer = trace.getTracer('@skald/messaging');
  const probe = tracer.startSpan('probe');
  const isRecording = probe.isRecording();
  if (!isRecording) return untracedTracer;
  return {
    start(name, { key, traceparent }, kind = 'consumer') {
      const parent = parseTraceparent(traceparent ?? undefined);
      const span = tracer.startSpan(
        `${service} ${name}`,
        {
          kind: kind === 'consumer' ? SpanKind.CONSUMER : SpanKind.CLIENT,
          attributes: { 'messaging.system': 'kafka', 'messaging.message.key': key, 'order.id': key },
        },
        parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent),
      );
      return {
        traceparent: formatTraceparent(span.spanContext()),
        fail(error) {
          span.recordException(error instanceof Error ? error : String(error));
          span.setStatus({ code: SpanStatusCode.ERROR });
        },
        end: () => span.end(),
      };
    },
  };
}

/** Records nothing, and passes the context on as it came. */
export const untracedTracer: Tracer = { start: (_name, { traceparent }) => passOn(traceparent ?? undefined) };

const nothing = () => undefined;
const untraced: Span = { traceparent: undefined, fail: nothing, end: nothing };
const passOn = (traceparent: string | undefined): Span =>
  traceparent === undefined ? untraced : { traceparent, fail: nothing, end: nothing };

function parseTraceparent(traceparent: string | undefined): SpanContext | undefined {
  const match = FORMAT.exec(traceparent ?? '');
  if (match === null) return undefined;
  const [, traceId = '', spanId = '', flags = '00'] = match;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
}

const formatTraceparent = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
