import type { Order } from './order.ts';
import type { TraceLink } from './trace-lines.ts';

export interface TraceSource {
  readonly brokers: readonly string[] | undefined;
  /** A page that shows a trace: `{traceId}` stands for its id. */
  readonly traceUrl: string | undefined;
}

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 1024 * 1024;

/**
 * The trace that all of an order is in. order-view doesn't tell it, but where the order's first event lies; there its headers say
 * it. Where Kafka can't be asked, the journey is told all the same: the answer says why there is no trace. Never rejects.
 */
export async function findTrace({ steps }: Order, { brokers, traceUrl }: TraceSource): Promise<TraceLink> {
  const nothing = { traceId: undefined, correlationId: undefined, url: undefined };
  const first = steps[0];
  if (brokers === undefined)
    return { ...nothing, missing: 'Kafka is not known here: --brokers, or KAFKA_BROKERS' };
  if (first === undefined || first.partition === null || first.offset === null)
    return { ...nothing, missing: 'where its first event lies is not known' };
  const { topic, partition, offset } = first;
  try {
    // Not needed by any other command, and large.
    const { createRangeReader } = await import('@skald/messaging');
    const logger = { debug() {}, info() {}, warn() {}, error() {} } as unknown as Parameters<
      typeof createRangeReader
    >[1];
    const reader = createRangeReader({ clientId: 'order-cli', brokers }, logger);
    const range = { topic, partition, from: offset, to: offset + 1, maxBytes: MAX_BYTES };
    const { records } = await reader.read({ ...range, timeoutMs: TIMEOUT_MS });
    const headers = records.find((record) => record.offset === offset)?.headers;
    const traceId = headers?.['traceparent']?.toString().split('-')[1];
    return {
      traceId,
      correlationId: headers?.['ce_correlationid']?.toString(),
      url: traceId && traceUrl?.replaceAll('{traceId}', traceId),
      missing: traceId === undefined ? 'its first event carries none' : undefined,
    };
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    return { ...nothing, missing: `its first event can't be read from Kafka: ${cause}` };
  }
}
