import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { pathOf } from './error-handler.ts';
import type { App } from './http.ts';

const tracer = trace.getTracer('@skald/service-kit');

/** Probes and pages: a trace of them tells nobody anything. */
const untraced = /^\/(livez|readyz|metrics|openapi\.json|docs)/;

/**
 * One server span a request, within the caller's trace. The handler runs in its context, and `request.trace` names it, so
 * that the events which follow hang under it.
 */
export function traceRequests(app: App): void {
  app.addHook('onRoute', (route) => {
    const { url } = route;
    if (untraced.test(url)) return;
    route.onRequest = [
      ...[route.onRequest ?? []].flat(),
      (request, reply, done) => {
        const parent = propagation.extract(ROOT_CONTEXT, request.headers);
        const span = tracer.startSpan(
          `${request.method} ${url}`,
          {
            kind: SpanKind.SERVER,
            attributes: {
              'http.request.method': request.method,
              'http.route': url,
              'url.path': pathOf(request.url),
              'skald.correlation_id': request.trace.correlationId,
            },
          },
          parent,
        );
        const { traceId, spanId, traceFlags } = span.spanContext();
        const flags = (traceFlags & 0xff).toString(16).padStart(2, '0');
        request.trace = { ...request.trace, traceId, traceparent: `00-${traceId}-${spanId}-${flags}` };
        reply.raw.once('close', () => {
          span.setAttribute('http.response.status_code', reply.statusCode);
          if (reply.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
          span.end();
        });
        context.with(trace.setSpan(parent, span), done);
      },
    ];
  });
}
