import { performance } from 'node:perf_hooks';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { z } from 'zod';
import { operations } from './health.ts';
import type { App } from './http.ts';
import type { Logger } from './log.ts';

/** A registry with the process's own metrics, which are collected when somebody asks: an idle process stays idle. */
export function createMetrics(service: string): Registry {
  const metrics = new Registry();
  metrics.setDefaultLabels({ service });
  // prom-client measures the event loop's delay with a timer that, at its default, fires a hundred times a second.
  collectDefaultMetrics({ register: metrics, eventLoopMonitoringPrecision: 60_000 });
  for (const { name } of metrics.getMetricsAsArray()) {
    if (/^nodejs_eventloop_lag_.+_seconds$/.test(name)) metrics.removeSingleMetric(name);
  }
  measureUtilization(metrics);
  return metrics;
}

function measureUtilization(metrics: Registry): void {
  let last = performance.eventLoopUtilization();
  new Gauge({
    name: 'nodejs_eventloop_utilization_ratio',
    help: 'Share of the time since the last scrape that the event loop was busy, 0 to 1',
    registers: [metrics],
    collect() {
      const now = performance.eventLoopUtilization();
      this.set(performance.eventLoopUtilization(now, last).utilization);
      last = now;
    },
  });
}

/** Durations of requests in seconds, by route pattern: never by URL, which would be a series an order. */
function createHttpDurations(metrics: Registry) {
  return new Histogram({
    name: 'http_server_request_duration_seconds',
    help: 'From the request line to the last byte of the answer',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [metrics],
  });
}

/** Measures every request under its route's pattern. Access logs are at debug: at a thousand requests/s they cost more than the requests. */
export function observeRequests(app: App, metrics: Registry, logger: Logger): void {
  const durations = createHttpDurations(metrics);
  const isLogged = logger.isLevelEnabled('debug');

  app.addHook('onRoute', (route) => {
    // Known when the route is registered, so that no request has to look for it.
    const { url } = route;
    route.onResponse = [
      ...[route.onResponse ?? []].flat(),
      (request, reply, done) => {
        const { method } = request;
        durations.observe({ method, route: url, status: reply.statusCode }, reply.elapsedTime / 1_000);
        if (isLogged) {
          const { traceId, correlationId } = request.trace;
          const ms = Math.round(reply.elapsedTime * 100) / 100;
          logger.debug(
            { method, route: url, status: reply.statusCode, ms, traceId, correlationId },
            'request',
          );
        }
        done();
      },
    ];
  });
}

const metricsAnswer = {
  description: 'Prometheus text format 0.0.4',
  content: { 'text/plain': { schema: z.string() } },
};

export function serveMetrics(app: App, metrics: Registry): void {
  app.get(
    '/metrics',
    {
      schema: {
        tags: [operations],
        summary: 'Metrics, for Prometheus',
        description: 'Of the process, of HTTP by route and status, and of whatever the service counts.',
        response: { 200: metricsAnswer },
      },
    },
    async (_request, reply) => reply.type(metrics.contentType).send(await metrics.metrics()),
  );
}
