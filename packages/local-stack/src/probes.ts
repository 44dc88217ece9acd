import { connect } from 'node:net';

const patience = 2_000;

/** The URL answers with the status (default: any below 500). */
export async function httpAnswers(
  url: string,
  isGood: (status: number) => boolean = (status) => status < 500,
): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(patience), redirect: 'manual' });
    await response.arrayBuffer();
    return isGood(response.status);
  } catch {
    return false;
  }
}

/** What a readiness probe says: nothing (an empty string) when all is well. */
export async function complaintOf(url: string): Promise<string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(patience) });
    const body = await response.text();
    return response.ok ? '' : body;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

export const answersOk = (url: string): Promise<boolean> => httpAnswers(url, (status) => status === 200);

/** Metadata, version 1, of no topics: answered once the broker serves requests, and listing it once it is registered. */
const metadataRequest = (() => {
  const client = Buffer.from('skald-local-stack');
  const request = Buffer.alloc(4 + 2 + 2 + 4 + 2 + client.length + 4);
  let offset = request.writeInt32BE(request.length - 4);
  offset = request.writeInt16BE(3, offset);
  offset = request.writeInt16BE(1, offset);
  offset = request.writeInt32BE(1, offset);
  offset = request.writeInt16BE(client.length, offset);
  offset += client.copy(request, offset);
  request.writeInt32BE(0, offset);
  return request;
})();

/** The broker answers a metadata request, and counts itself in. */
export function kafkaAnswers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    let received = Buffer.alloc(0);
    const socket = connect({ host, port });
    const finish = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(patience, () => finish(false));
    socket.on('error', () => finish(false));
    socket.on('close', () => finish(false));
    socket.on('connect', () => socket.write(metadataRequest));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      // Length, correlation id, number of brokers.
      if (received.length >= 12) finish(received.readInt32BE(8) > 0);
    });
  });
}
