import { randomUUID } from 'node:crypto';
import { type Dispatcher, Pool } from 'undici';

export interface Answer {
  /** 0: no answer, the connection failed or timed out. */
  readonly status: number;
  /** Of a 202. */
  readonly orderId?: string;
}

export interface Sender {
  /** POST /orders with a fresh Idempotency-Key. `answered` is called once. */
  post(body: string, answered: (answer: Answer) => void): void;
  close(): Promise<void>;
}

/** Beyond so many, requests queue in the generator; their latency counts all the same. */
const connections = 256;
const timeoutMs = 30_000;

/** Keep-alive connections, one request in flight on each. `dispatch` costs half of what `request` does. */
export function createSender(url: string): Sender {
  const pool = new Pool(url, {
    connections,
    pipelining: 1,
    keepAliveTimeout: 60_000,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });
  return {
    post: (body, answered) => {
      const headers = { 'content-type': 'application/json', 'idempotency-key': randomUUID() };
      pool.dispatch({ method: 'POST', path: '/orders', headers, body }, collect(answered));
    },
    close: () => pool.destroy(),
  };
}

function collect(answered: (answer: Answer) => void): Dispatcher.DispatchHandler {
  let status = 0;
  const chunks: Buffer[] = [];
  return {
    // Unused, but tells undici which generation of handlers this is.
    onRequestStart: () => {},
    onResponseStart: (_controller, statusCode) => {
      status = statusCode;
    },
    onResponseData: (_controller, chunk) => {
      chunks.push(chunk);
    },
    onResponseEnd: () => answered(readAnswer(status, chunks)),
    onResponseError: () => answered({ status: 0 }),
  };
}

function readAnswer(status: number, chunks: readonly Buffer[]): Answer {
  if (status !== 202) return { status };
  const { orderId } = JSON.parse(Buffer.concat(chunks).toString()) as { orderId: string };
  return { status, orderId };
}
