import { DiagLogLevel, diag } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { NodeSDK, resources, tracing } from '@opentelemetry/sdk-node';
import type { Logger } from './log.ts';
import type { Tracing, TracingOptions } from './tracing.ts';

/** Ms that the collector may take for a batch, also for the last one. */
const exportTimeout = 2_000;

/** Ms between two complaints about a collector that doesn't answer. */
const complaintInterval = 60_000;

/** Loaded by `tracing.ts` alone. Whoever calls decides whether to record; who isn't called draws by `ratio`. */
export function startExporter(options: TracingOptions & { endpoint: string }): Tracing {
  const url = `${options.endpoint.replace(/\/+$/, '')}/v1/traces`;
  const exporter = new OTLPTraceExporter({ url, timeoutMillis: exportTimeout });
  const sdk = new NodeSDK({
    autoDetectResources: false,
    resource: resources.resourceFromAttributes({
      'service.name': options.service,
      'service.namespace': 'skald',
    }),
    sampler: new tracing.ParentBasedSampler({ root: new tracing.TraceIdRatioBasedSampler(options.ratio) }),
    spanProcessors: [new tracing.BatchSpanProcessor(exporter, { exportTimeoutMillis: exportTimeout })],
    // Metrics are Prometheus's, logs go to stdout: nothing else is exported.
    metricReaders: [],
    logRecordProcessors: [],
    instrumentations: [],
  });
  const complain = complainSeldom(options.logger);
  sdk.start();
  // Spans that get lost are no reason to say that the process failed.
  return { isOn: true, stop: () => sdk.shutdown().catch((error: unknown) => complain(String(error))) };
}

function complainSeldom(logger: Logger): (message: string) => void {
  let last = Number.NEGATIVE_INFINITY;
  const complain = (message: string): void => {
    const now = performance.now();
    if (now - last < complaintInterval) return;
    last = now;
    logger.warn({ detail: message.slice(0, 500) }, 'Tracing has trouble');
  };
  const quiet = (): void => {};
  diag.setLogger(
    { error: complain, warn: complain, info: quiet, debug: quiet, verbose: quiet },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  return complain;
}
