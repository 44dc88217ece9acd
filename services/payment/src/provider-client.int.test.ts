import { once, setMaxListeners } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { ChargeOrder, Provider } from './provider.ts';
import { createProviderClient } from './provider-client.ts';

const order: ChargeOrder = {
  orderId: 'order-1',
  amount: { amount: 1, currency: 'EUR' },
  paymentMethod: 'tok_visa',
};
const patient = new AbortController().signal;
// As the kernel's: one for each call.
setMaxListeners(0, patient);
const transient = (code: string) => expect.objectContaining({ name: 'TransientError', code }) as unknown;

describe('the client of the provider', () => {
  let server: Server | undefined;
  let provider: Provider | undefined;
  let calls = 0;

  /** A provider that answers every call like this; `hangUp` breaks the connection instead. */
  async function serve(reply: { status: number; body: string } | 'hangUp'): Promise<Provider> {
    calls = 0;
    server = createServer((request, response) => {
      calls += 1;
      request.resume();
      if (reply === 'hangUp') request.socket.destroy();
      else response.writeHead(reply.status, { 'content-type': 'application/json' }).end(reply.body);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    provider = createProviderClient({ url: `http://127.0.0.1:${port}/v1/`, timeoutMs: 1_000 });
    return provider;
  }

  afterEach(async () => {
    await provider?.close();
    server?.closeAllConnections();
    server?.close();
  });

  it.each([
    { what: 'an error of its own', reply: { status: 503, body: '{}' }, code: 'PROVIDER_FAILED' },
    { what: 'no JSON', reply: { status: 201, body: '<html>' }, code: 'PROVIDER_REFUSED' },
    { what: 'no number', reply: { status: 201, body: '{"chargeId":7}' }, code: 'PROVIDER_REFUSED' },
    { what: 'a decline without a reason', reply: { status: 402, body: '{}' }, code: 'PROVIDER_REFUSED' },
    {
      what: 'that it does not know us',
      reply: { status: 401, body: '{"error":{"type":"auth","code":"key"}}' },
      code: 'PROVIDER_REFUSED',
    },
    { what: 'that it has no such page', reply: { status: 404, body: 'null' }, code: 'PROVIDER_REFUSED' },
  ])('takes $what for no answer at all', async ({ reply, code }) => {
    const client = await serve(reply);
    await expect(client.charge('key', order, patient)).rejects.toEqual(transient(code));
  });

  it('takes a request that the provider finds invalid for a decline: nothing was charged', async () => {
    const body = '{"error":{"type":"invalid_request_error","code":"currency_unsupported"}}';
    const client = await serve({ status: 400, body });
    expect(await client.charge('key', order, patient)).toEqual({
      status: 'declined',
      code: 'currency_unsupported',
    });
  });

  it('does not know what became of a charge when the connection breaks', async () => {
    const client = await serve('hangUp');
    await expect(client.charge('key', order, patient)).rejects.toEqual(transient('PROVIDER_UNREACHABLE'));
  });

  it('cannot reach a provider that is down', async () => {
    provider = createProviderClient({ url: 'http://127.0.0.1:1', timeoutMs: 1_000 });
    await expect(provider.charge('key', order, patient)).rejects.toEqual(transient('PROVIDER_UNREACHABLE'));
  });

  it('leaves a provider in trouble alone, and finds by itself that it is well again', async () => {
    const client = await serve({ status: 503, body: '{}' });
    const ask = () => client.charge('key', order, patient).catch((error: unknown) => error);
    let last: unknown;
    for (let call = 0; call < 200 && !isLeftAlone(last); call += 1) last = await ask();
    expect(isLeftAlone(last)).toBe(true);
    const before = calls;
    await ask();
    expect(calls).toBe(before);

    server?.removeAllListeners('request');
    server?.on('request', (_request, response) => response.writeHead(201).end('{"chargeId":"charge-1"}'));
    await expect.poll(ask, { timeout: 5_000 }).toEqual({ status: 'charged', chargeId: 'charge-1' });
  });

  it('has no more calls in flight than it may', async () => {
    let inFlight = 0;
    let most = 0;
    server = createServer((_request, response) => {
      inFlight += 1;
      most = Math.max(most, inFlight);
      setImmediate(() => {
        inFlight -= 1;
        response.writeHead(201).end('{"chargeId":"charge-1"}');
      });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const client = createProviderClient({
      url: `http://127.0.0.1:${port}`,
      timeoutMs: 1_000,
      concurrency: 3,
    });
    provider = client;
    const answers = await Promise.all(Array.from({ length: 20 }, () => client.charge('key', order, patient)));
    expect(answers).toHaveLength(20);
    expect(most).toBeLessThanOrEqual(3);
  });
});

const isLeftAlone = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'PROVIDER_IN_TROUBLE';
