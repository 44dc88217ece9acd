import type { Logger } from './log.ts';

export interface TracingOptions {
  readonly service: string;
  /** Base of an OTLP/HTTP collector, without `/v1/traces`. Absent: tracing is off. */
  readonly endpoint: string | undefined;
  /** Share of the traces that begin here which are recorded, 0 to 1. */
  readonly ratio: number;
  readonly logger: Logger;
}

export interface Tracing {
  readonly isOn: boolean;
  /** Sends what is left. */
  stop(): Promise<void>;
}

const off: Tracing = { isOn: false, stop: async () => {} };

/** Spans made with `@opentelemetry/api` go to the collector. Without one nothing of the SDK is even loaded. */
export async function startTracing(options: TracingOptions): Promise<Tracing> {
  const { endpoint } = options;
  if (endpoint === undefined) return off;
  const { startExporter } = await import('./trace-exporter.ts');
  return startExporter({ ...options, endpoint });
}
