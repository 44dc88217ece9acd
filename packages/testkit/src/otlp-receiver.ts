import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a collector keeps of a span. Ids in hex; `parentId` is empty for the first of a trace. */
export interface ReceivedSpan {
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string;
}

export interface OtlpReceiver {
  readonly url: string;
  /** Of every request that came. */
  readonly paths: readonly string[];
  readonly spans: readonly ReceivedSpan[];
  close(): void;
}

/** A collector that takes OTLP over HTTP as protobuf, on a free port, and keeps the spans. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const paths: string[] = [];
  const spans: ReceivedSpan[] = [];
  const server = createServer((request, response) => {
    const { url = '' } = request;
    paths.push(url);
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (url === '/v1/traces') spans.push(...spansIn(Buffer.concat(chunks)));
      response.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, paths, spans, close: () => server.close() };
}

/**
 * Field numbers: opentelemetry-proto, collector/trace/v1/trace_service.proto, trace/v1/trace.proto, and
 * resource/v1/resource.proto.
 */
function spansIn(request: Buffer): ReceivedSpan[] {
  return messages(request, 1).flatMap((resourceSpans) => {
    const attributes = messages(resourceSpans, 1).flatMap((resource) => messages(resource, 1));
    const name = attributes.find((attribute) => text(attribute, 1) === 'service.name');
    const service =
      name === undefined
        ? ''
        : messages(name, 2)
            .map((value) => text(value, 1))
            .join('');
    return messages(resourceSpans, 2)
      .flatMap((scopeSpans) => messages(scopeSpans, 2))
      .map((span) => ({
        service,
        name: text(span, 5),
        traceId: hex(span, 1),
        spanId: hex(span, 2),
        parentId: hex(span, 4),
      }));
  });
}

const text = (message: Buffer, field: number): string => messages(message, field)[0]?.toString('utf8') ?? '';
const hex = (message: Buffer, field: number): string => messages(message, field)[0]?.toString('hex') ?? '';

/** The length-delimited values of one field of a protobuf message. */
function messages(message: Buffer, wanted: number): Buffer[] {
  const found: Buffer[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = message[at] ?? 0;
      at += 1;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    const kind = tag & 7;
    if (kind === 0) varint();
    else if (kind === 1) at += 8;
    else if (kind === 5) at += 4;
    else {
      const size = varint();
      if (tag >>> 3 === wanted) found.push(message.subarray(at, at + size));
      at += size;
    }
  }
  return found;
}
