import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHttp, createLogger } from '@skald/service-kit';
import { eventually } from '@skald/testkit';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { entry } from '../tests/given.ts';
import { createEventRing } from './event-ring.ts';
import { createEventStream } from './event-stream.ts';
import { forwardedServices } from './forwarded-routes.ts';
import { routes } from './http.ts';
import { createSessions } from './session.ts';
import { createVitalsReader } from './vitals.ts';

const token = 'an-operators-token';
const asked: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] = [];
let answer: (response: ServerResponse) => void = (response) => void response.end('{}');

/** Every other service in one. */
const service = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk: Buffer) => {
    body += chunk.toString();
  });
  request.on('end', () => {
    asked.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
    answer(response);
  });
});
await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
const serviceUrl = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
const urls = { order: serviceUrl, 'dead-letters': serviceUrl, inventory: 'http://127.0.0.1:9' };

const ring = createEventRing();
const { app } = await createHttp({
  name: 'console',
  logger: createLogger('test', 'silent'),
  limits: { requestTimeout: 400 },
});
routes(app, {
  urls,
  token,
  sessions: createSessions({ token, ttlMs: 60_000 }),
  cookie: { ttlMs: 60_000, isSecure: true },
  traceUrl: 'http://traces/{traceId}',
  ring,
  stream: createEventStream(ring, { gatherMs: 1, heartbeatMs: 50 }),
  catalogue: { take: async () => undefined, list: () => [] },
  viewer: { view: async (value) => ({ undecodable: `${value?.length} bytes` }) },
  reader: { read: async ({ from }) => ({ records: [], readTo: from, endOffset: from }) },
  vitals: createVitalsReader(urls, undefined),
});
const url = await app.listen({ host: '127.0.0.1', port: 0 });
const own = { origin: url };

afterAll(async () => {
  service.closeAllConnections();
  service.close();
  app.server.closeAllConnections();
  await app.close();
});
beforeEach(() => {
  asked.length = 0;
  answer = (response) => void response.end('{}');
});

const post = (path: string, body: unknown, headers: Record<string, string> = own) =>
  fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
async function logIn(): Promise<string> {
  const response = await post('/api/session', { token });
  return response.headers.get('set-cookie')?.split(';')[0] ?? '';
}

describe('what is asked of the services', () => {
  it('is handed on as it is, with the key that makes it safe to repeat, and answered as they answer', async () => {
    answer = (response) =>
      void response.writeHead(422, { 'content-type': 'application/problem+json' }).end('{"title":"No"}');
    const response = await post(
      '/api/orders?a=b',
      { items: [1] },
      { ...own, 'idempotency-key': '"k"', cookie: 'c=1' },
    );
    expect([response.status, response.headers.get('content-type'), await response.json()]).toEqual([
      422,
      'application/problem+json',
      { title: 'No' },
    ]);
    expect(asked).toMatchObject([
      { method: 'POST', url: '/orders?a=b', body: '{"items":[1]}', headers: { 'idempotency-key': '"k"' } },
    ]);
    expect(asked[0]?.headers).not.toHaveProperty('cookie');
    expect(asked[0]?.headers).not.toHaveProperty('authorization');
  });

  it.each([
    '/api/operator/parked',
    '/api/orders/..',
    '/api/orders/%2e%2e',
    '/api/orders/../metrics',
    '/api/metrics',
    '/api/dead-letters/a/b/c',
  ])('is on a list, and %s is not', async (path) => {
    const { hostname, port } = new URL(url);
    const { request } = await import('node:http');
    const status = await new Promise((resolve, reject) =>
      request({ hostname, port, path }, (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end(),
    );
    expect([status, asked]).toEqual([404, []]);
  });

  it('is a 503 while a service is away, and while its address is not known', async () => {
    const away = await fetch(`${url}/api/stock`);
    expect([away.status, await away.json()]).toMatchObject([503, { detail: 'inventory does not answer' }]);
    const unknown = await fetch(`${url}/api/order-view/orders`);
    expect([unknown.status, await unknown.json()]).toMatchObject([503, { title: 'Unknown service' }]);
  });

  it('is passed on as it comes, and ends when the browser goes', async () => {
    let upstream: ServerResponse | undefined;
    answer = (response) => {
      upstream = response;
      response.writeHead(200, { 'content-type': 'application/x-ndjson' }).write('{"type":"start"}\n');
    };
    const leaving = new AbortController();
    const response = await fetch(`${url}/api/tries`, {
      method: 'POST',
      headers: { ...own, 'content-type': 'application/json', cookie: await logIn() },
      body: '{}',
      signal: leaving.signal,
    });
    const first = await response.body?.getReader().read();
    expect(Buffer.from(first?.value ?? []).toString()).toBe('{"type":"start"}\n');
    expect(upstream?.closed).toBe(false);
    leaving.abort();
    await eventually(() => upstream?.closed === true);
  });

  it('ends for the browser when the service breaks off', async () => {
    answer = (response) => {
      response.writeHead(200).write('half');
      setTimeout(() => response.destroy(), 50);
    };
    const response = await fetch(`${url}/api/orders`);
    await expect(response.text()).rejects.toThrow();
  });
});

describe('who operates', () => {
  const operating = forwardedServices.filter(({ isOperating }) => isOperating).flatMap((of) => of.routes);
  const pathOf = (path: string) => `/api${path.replaceAll(/:\w+/g, '1')}`;

  it.each([...operating.map(({ method, path }) => [method, pathOf(path)]), ['GET', '/api/vitals']])(
    'must have shown the token: %s %s',
    async (method, path) => {
      const body = method === 'GET' ? {} : { body: '{}' };
      const headers = {
        ...own,
        'content-type': 'application/json',
        cookie: 'skald-operator=9999999999999.x.y',
      };
      const response = await fetch(url + path, { method: method ?? '', headers, ...body });
      expect([response.status, asked]).toEqual([401, []]);
    },
  );

  it('shows it once; what the browser keeps can be read by no script, and is sent nowhere else', async () => {
    const response = await post('/api/session', { token });
    expect(response.headers.get('set-cookie')).toMatch(
      /^skald-operator=[^;]+; Max-Age=60; Path=\/api; HttpOnly; Secure; SameSite=Strict$/,
    );
    expect(response.headers.get('set-cookie')).not.toContain(token);
    await fetch(`${url}/api/dead-letters`, { headers: { cookie: await logIn() } });
    expect(asked).toMatchObject([{ url: '/dead-letters', headers: { authorization: `Bearer ${token}` } }]);
  });

  it('is told that a token is wrong', async () => {
    expect((await post('/api/session', { token: 'another' })).status).toBe(403);
    expect((await post('/api/session', {})).status).toBe(400);
  });
});

describe('what changes something', () => {
  it.each([
    ['of another origin', { origin: 'http://elsewhere.example' }],
    ['of another site', { ...own, 'sec-fetch-site': 'cross-site' }],
    ['of another page of the site', { ...own, 'sec-fetch-site': 'same-site' }],
    ['of an opaque origin', { origin: 'null' }],
    ['that says nothing', {}],
  ])('is refused to a page %s', async (_, headers) => {
    expect((await post('/api/orders', {}, headers)).status).toBe(403);
    expect(asked).toEqual([]);
  });

  it('is taken from our own page', async () => {
    expect((await post('/api/orders', {}, { 'sec-fetch-site': 'same-origin' })).status).toBe(200);
    expect((await post('/api/orders', {}, own)).status).toBe(200);
  });
});

describe('events', () => {
  it('are told over a line that stays open, and goes on where it was', async () => {
    const place = ring.end;
    ring.push([entry(5)]);
    const leaving = new AbortController();
    const response = await fetch(`${url}/api/events`, {
      headers: { 'last-event-id': place },
      signal: leaving.signal,
    });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (!text.includes('still here')) text += (await reader?.read())?.value ?? '';
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    expect(text).toContain('"offset":5');
    leaving.abort();
  });

  it('say what they say one by one, and nothing that is about a person', async () => {
    ring.push([entry(6, { bytes: 3 })]);
    const read = async (path: string) => {
      const response = await fetch(`${url}/api/events/${path}`);
      return [response.status, await response.json()];
    };
    expect(await read('orders.events/0/6')).toEqual([200, { undecodable: '3 bytes' }]);
    expect(await read('orders.events/0/7')).toMatchObject([404, {}]);
    expect(await read('orders.contacts/0/0')).toMatchObject([403, { title: 'Personal data' }]);
    expect(await read('another.topic/0/0')).toMatchObject([400, {}]);
  });
});

it('every answer says that nothing may be loaded from elsewhere, and that nothing inline runs', async () => {
  const { headers } = await fetch(`${url}/api/session`);
  const policy = headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self'");
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('x-frame-options')).toBe('DENY');
  expect(headers.get('referrer-policy')).toBe('no-referrer');
});
