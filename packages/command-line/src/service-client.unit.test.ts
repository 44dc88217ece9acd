import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { CommandError } from './errors.ts';
import { createServiceClient, NoAnswer, Refused } from './service-client.ts';

const answers: Readonly<Record<string, { status: number; body: unknown; headers?: Record<string, string> }>> =
  {
    '/good': { status: 200, body: { n: 1 } },
    '/other': { status: 200, body: { m: 1 } },
    '/bad': {
      status: 400,
      body: {
        title: 'Bad request',
        detail: '2 fields are wrong',
        errors: [
          { pointer: '/customerId', detail: 'Required' },
          { pointer: '/items/0/sku', detail: 'Must be a SKU' },
        ],
      },
    },
    '/repeated': {
      status: 400,
      body: {
        title: 'Bad request',
        detail: '#/customerId: Required',
        errors: [{ pointer: '/customerId', detail: 'Required' }],
      },
    },
    '/busy': { status: 503, body: { title: 'Overloaded' }, headers: { 'retry-after': '2' } },
    '/broken': { status: 500, body: 'no problem' },
  };
const server = createServer(({ url = '' }, response) => {
  const { status, body, headers } = answers[url] ?? { status: 404, body: {} };
  response.writeHead(status, headers).end(JSON.stringify(body));
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
afterAll(() => server.close());

const { signal } = new AbortController();
const options = { service: 'order', url, signal, hint: 'Start it.' };
const ask = (path: string) => createServiceClient(options).ask(path, z.object({ n: z.int() }));

describe('What a service answers', () => {
  it('is read by its schema, or is of another service', async () => {
    expect(await ask('/good')).toEqual({ n: 1 });
    await expect(ask('/other')).rejects.toThrow(`What answers at ${url} is not order`);
    await expect(ask('/other')).rejects.toThrow(CommandError);
  });

  it('is told with each field where it is a problem, and once', async () => {
    await expect(ask('/bad')).rejects.toThrow(
      new Refused('2 fields are wrong\n  /customerId: Required\n  /items/0/sku: Must be a SKU', {
        status: 400,
        retryAfter: undefined,
      }),
    );
    await expect(ask('/repeated')).rejects.toThrow(/^Bad request\n {2}\/customerId: Required$/);
    await expect(ask('/broken')).rejects.toThrow('order answered 500');
  });

  it('may say when to come again', async () => {
    await expect(ask('/busy')).rejects.toMatchObject({ status: 503, retryAfter: 2, message: 'Overloaded' });
  });
});

describe('Where nobody answers', () => {
  it('it is said who was asked, where, and what to do', async () => {
    const gone = createServer();
    await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
    const { port } = gone.address() as AddressInfo;
    await new Promise((resolve) => gone.close(resolve));
    const client = createServiceClient({ ...options, url: `http://127.0.0.1:${port}` });
    await expect(client.send('/good')).rejects.toThrow(
      `There is no answer from order at http://127.0.0.1:${port} (ECONNREFUSED). Start it.`,
    );
    await expect(client.send('/good')).rejects.toThrow(NoAnswer);
  });

  it('because we have hung up, the reason is ours', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    controller.abort(reason);
    const client = createServiceClient({ ...options, signal: controller.signal });
    await expect(client.send('/good')).rejects.toBe(reason);
  });
});
