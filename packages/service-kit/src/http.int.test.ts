import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createHttp, type Http, type HttpLimits } from './http.ts';
import { createLogger } from './log.ts';
import { createGuard } from './operator-guard.ts';
import { Problem, type ProblemBody } from './problem.ts';
import type { Check } from './service.ts';

const money = z.strictObject({
  amount: z.int().min(0).max(100_000_000_000),
  currency: z.string().regex(/^[A-Z]{3}$/),
});
const item = z.strictObject({ sku: z.string().min(1), quantity: z.int().min(1).max(1_000), price: money });
const orderBody = z.strictObject({ customerId: z.uuid(), items: z.array(item).min(1).max(100) });

const order = {
  customerId: '0199d1f2-6c00-7000-8000-000000000001',
  items: [{ sku: 'SKU-0001', quantity: 3, price: { amount: 1_000, currency: 'EUR' } }],
};

const lines: string[] = [];
let stored = 0;
let checks: readonly Check[] = [];
let isTested = false;

async function listen(limits: Partial<HttpLimits> = {}): Promise<Http & { url: string; port: number }> {
  const logger = createLogger('sample', 'info', { write: (line) => lines.push(line) });
  const http = await createHttp({
    name: 'sample',
    logger,
    limits,
    readiness: () => {
      isTested = true;
      return checks;
    },
  });
  routes(http);
  await http.app.listen({ port: 0 });
  const { port } = http.app.server.address() as AddressInfo;
  return { ...http, port, url: `http://127.0.0.1:${port}` };
}

function routes({ app }: Http): void {
  app.post(
    '/orders',
    {
      schema: {
        summary: 'Place an order',
        headers: z.object({ 'idempotency-key': z.string().max(50).optional() }),
        body: orderBody,
        response: { 202: z.object({ orderId: z.string() }).meta({ id: 'Accepted' }) },
      },
    },
    async (_request, reply) => {
      stored += 1;
      reply.code(202);
      return { orderId: 'o-1' };
    },
  );
  app.get(
    '/orders/:id',
    {
      schema: {
        params: z.strictObject({ id: z.uuid() }),
        querystring: z.strictObject({ limit: z.string() }),
      },
    },
    async () => ({}),
  );
  app.post('/orders/:id/cancel', async (request) => ({ trace: request.trace }));
  app.get('/refuse', async () => {
    throw new Problem({ status: 422, detail: 'no', errors: [{ pointer: '#/sku', detail: 'unknown' }] });
  });
  app.get('/break', async () => {
    throw new Error('password hunter2 is wrong at 10.0.0.7');
  });
  app.get('/hang', () => new Promise(() => {}));
}

let http: Awaited<ReturnType<typeof listen>>;
beforeAll(async () => {
  http = await listen();
});
afterAll(() => http.app.close());

const json = { 'content-type': 'application/json' };

async function send(body: string | Buffer, headers: Record<string, string> = json, path = '/orders') {
  const response = await fetch(http.url + path, {
    method: 'POST',
    body: new Uint8Array(Buffer.from(body)),
    headers,
  });
  return { response, problem: (await response.json()) as ProblemBody };
}

/** The order with one place changed: `items.0.quantity`. undefined removes it. */
function withValue(path: string, value: unknown): string {
  const copy = structuredClone(order) as unknown;
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  const holder = keys.reduce((object, key) => Reflect.get(Object(object), key) as unknown, copy);
  if (value === undefined) Reflect.deleteProperty(Object(holder), last);
  else Reflect.set(Object(holder), last, value);
  return JSON.stringify(copy);
}

describe('a good request', () => {
  test('is answered, with the correlation id that it came with', async () => {
    const { response } = await send(JSON.stringify(order), { ...json, 'x-correlation-id': 'checkout-42' });
    expect(response.status).toBe(202);
    expect(response.headers.get('x-correlation-id')).toBe('checkout-42');
  });

  test.each([
    'application/json',
    'Application/JSON',
    'application/json;charset=utf-8',
    'application/json; charset=UTF-8',
    'application/json ; charset="utf-8"',
    'application/json\t;\tcharset=utf-8',
    ' application/json',
  ])('is JSON however the Content-Type is spelled, and is validated: %j', async (type) => {
    expect((await send(JSON.stringify(order), { 'content-type': type })).response.status).toBe(202);
    expect((await send('{"customerId":3}', { 'content-type': type })).response.status).toBe(400);
  });

  test('needs no body where the route has none', async () => {
    expect((await send('', json, '/orders/1/cancel')).response.status).toBe(200);
    const bare = await fetch(`${http.url}/orders/1/cancel`, { method: 'POST' });
    expect(bare.status).toBe(200);
  });
});

describe('a bad value is a 400 that names its field, and nothing is stored', () => {
  test.each([
    ['a missing field', 'customerId', undefined, '#/customerId'],
    ['a missing nested field', 'items.0.price.currency', undefined, '#/items/0/price/currency'],
    ['an unknown field', 'coupon', 'FREE', '#/coupon'],
    ['an unknown nested field', 'items.0.price.discount', 1, '#/items/0/price/discount'],
    ['a number as text', 'items.0.quantity', '3', '#/items/0/quantity'],
    ['true for 1', 'items.0.quantity', true, '#/items/0/quantity'],
    ['null', 'items.0.sku', null, '#/items/0/sku'],
    ['zero', 'items.0.quantity', 0, '#/items/0/quantity'],
    ['a negative amount', 'items.0.price.amount', -1, '#/items/0/price/amount'],
    ['a huge amount', 'items.0.price.amount', 1e15, '#/items/0/price/amount'],
    ['an amount beyond integers', 'items.0.price.amount', 1e300, '#/items/0/price/amount'],
    ['half a cent', 'items.0.price.amount', 0.5, '#/items/0/price/amount'],
    ['an object for a list', 'items', { 0: order.items[0] }, '#/items'],
    ['an empty list', 'items', [], '#/items'],
    ['too many lines', 'items', Array(500).fill(order.items[0]), '#/items'],
    ['a list for an object', 'items.0.price', [], '#/items/0/price'],
  ])('%s', async (_name, path, value, pointer) => {
    const before = stored;
    const { response, problem } = await send(withValue(path, value));
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(problem).toMatchObject({ status: 400, title: 'Invalid request', instance: '/orders' });
    expect(problem.errors?.map((error) => error.pointer)).toContain(pointer);
    expect(stored).toBe(before);
  });

  test('a header', async () => {
    const { response, problem } = await send(JSON.stringify(order), {
      ...json,
      'idempotency-key': 'x'.repeat(51),
    });
    expect(response.status).toBe(400);
    expect(problem.errors).toMatchObject([{ pointer: 'header/idempotency-key' }]);
  });

  test('a path and a query', async () => {
    const path = (await (await fetch(`${http.url}/orders/1?limit=1`)).json()) as ProblemBody;
    expect(path.errors).toMatchObject([{ pointer: 'path/id' }]);
    for (const query of ['limit=1&page=2', 'limit=1&limit=2', '']) {
      const response = await fetch(`${http.url}/orders/${order.customerId}?${query}`);
      expect(response.status).toBe(400);
      expect(((await response.json()) as ProblemBody).errors?.[0]?.pointer).toMatch(/^query\/(limit|page)$/);
    }
  });
});

describe('a body that can not be read is refused, and nothing is stored', () => {
  const huge = withValue('items', Array(10_000).fill(order.items[0]));
  test.each<[string, number, string | Buffer, Record<string, string>]>([
    ['broken JSON', 400, '{"customerId":', json],
    ['no JSON at all', 400, 'customerId=1', json],
    ['two values', 400, `${JSON.stringify(order)}{}`, json],
    ['NaN', 400, '{"items":NaN}', json],
    ['nothing', 400, '', json],
    ['null', 400, 'null', json],
    ['a list', 400, '[]', json],
    ['deep nesting', 400, '['.repeat(30_000) + ']'.repeat(30_000), json],
    ['__proto__', 400, '{"__proto__":{"isAdmin":true}}', json],
    ['an escaped __proto__', 400, '{"\\u005f_proto__":{"isAdmin":true}}', json],
    ['constructor.prototype', 400, '{"constructor":{"prototype":{"isAdmin":true}}}', json],
    ['the character NUL', 400, withValue('items.0.sku', 'a\0b'), json],
    ['bytes that are not UTF-8', 400, Buffer.from([0x22, 0xff, 0xfe, 0x22]), json],
    ['10,000 lines', 413, huge, json],
    ['a megabyte', 413, ' '.repeat(1_000_000), json],
    ['no type', 415, JSON.stringify(order), {}],
    ['text', 415, JSON.stringify(order), { 'content-type': 'text/plain' }],
    ['a form', 415, 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['XML', 415, '<order/>', { 'content-type': 'application/xml' }],
    ['another JSON', 415, JSON.stringify(order), { 'content-type': 'application/vnd.api+json' }],
    ['a JSON lookalike', 415, JSON.stringify(order), { 'content-type': 'application/jsonp' }],
    ['two types', 415, JSON.stringify(order), { 'content-type': 'text/plain, application/json' }],
    ['a type within a type', 415, JSON.stringify(order), { 'content-type': 'text/plain; application/json' }],
    ['no type to speak of', 415, JSON.stringify(order), { 'content-type': 'json' }],
    ['UTF-16', 415, Buffer.from('{}', 'utf16le'), { 'content-type': 'application/json; charset=utf-16' }],
  ])('%s: %i', async (_name, status, body, headers) => {
    const before = stored;
    const { response, problem } = await send(body, headers);
    expect(response.status).toBe(status);
    expect(problem.status).toBe(status);
    expect(problem.traceId).toMatch(/^[\da-f]{32}$/);
    expect(stored).toBe(before);
  });

  test('what is no HTTP gets a problem, too', async () => {
    const answer = await raw('NONSENSE\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(answer).toContain('application/problem+json');
    expect(await raw(`GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 431 /,
    );
  });
});

describe('a request for what is not here', () => {
  test('is a 404', async () => {
    const response = await fetch(`${http.url}/nowhere?email=a@b.c`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ title: 'Not Found', instance: '/nowhere' });
  });

  test('is a 405 that says which methods are', async () => {
    const response = await fetch(`${http.url}/orders/1`, { method: 'DELETE' });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, HEAD');
  });

  test('is a 400 if the path holds what no text may hold', async () => {
    expect((await fetch(`${http.url}/orders/%00`)).status).toBe(400);
    expect((await fetch(`${http.url}/orders/%zz`)).status).toBe(400);
  });
});

describe('what a handler throws', () => {
  test('is sent as it is, if it is a problem', async () => {
    const response = await fetch(`${http.url}/refuse`);
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({
      detail: 'no',
      errors: [{ pointer: '#/sku', detail: 'unknown' }],
    });
  });

  test('is a 500 without internals otherwise, and is logged with the trace id', async () => {
    const response = await fetch(`${http.url}/break`);
    expect(response.status).toBe(500);
    const text = await response.text();
    expect(text).not.toContain('hunter2');
    const { traceId } = JSON.parse(text) as ProblemBody;
    const entry = lines.find((line) => line.includes(`"traceId":"${traceId}"`));
    expect(JSON.parse(entry ?? '{}')).toMatchObject({ level: 'error', err: { type: 'Error' } });
  });
});

describe('health', () => {
  test('alive asks nobody', async () => {
    isTested = false;
    expect((await fetch(`${http.url}/livez`)).status).toBe(200);
    expect(isTested).toBe(false);
  });

  test('ready is what all checks say', async () => {
    checks = [{ name: 'database', ready: true }];
    expect((await fetch(`${http.url}/readyz`)).status).toBe(200);
    checks = [
      { name: 'database', ready: true },
      { name: 'catalogue', ready: false, detail: '12 of 1,000' },
    ];
    const response = await fetch(`${http.url}/readyz`);
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ status: 'not ready', checks });
    checks = [];
  });
});

describe('docs', () => {
  test('are OpenAPI 3.1 with every route, its schemas and the problem', async () => {
    const document = (await (await fetch(`${http.url}/openapi.json`)).json()) as {
      openapi: string;
      paths: Record<string, unknown>;
      components: { schemas: object };
    };
    expect(document.openapi).toBe('3.1.0');
    const paths = Object.keys(document.paths);
    expect(paths).toEqual(expect.arrayContaining(['/orders', '/orders/{id}', '/orders/{id}/cancel']));
    expect(paths.slice(-3)).toEqual(['/livez', '/readyz', '/metrics']);
    expect(document.paths).not.toHaveProperty('/docs');
    expect(document.paths['/orders']).toMatchObject({
      post: {
        requestBody: { content: { 'application/json': { schema: { additionalProperties: false } } } },
        responses: {
          202: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Accepted' } } } },
          default: { content: { 'application/problem+json': {} } },
        },
      },
    });
    expect(Object.keys(document.components.schemas).sort()).toEqual(['Accepted', 'Problem']);
  });

  test('say which errors a route of its kind answers, and what the route says of its own', async () => {
    const statusesOf = (responses: object) => Object.keys(responses).join(' ');
    const { app } = await createHttp({ name: 'sample', description: 'Does nothing.' });
    const docs = { problems: { 404: 'There is none', 503: 'It sleeps' } };
    app.get('/plain', async () => ({}));
    app.put(
      '/things/:id',
      {
        config: { docs },
        onRequest: createGuard('a-token-of-an-operator'),
        schema: { params: z.strictObject({ id: z.string() }), body: item },
      },
      async () => ({}),
    );
    await app.ready();
    const { info, paths } = app.swagger() as unknown as {
      info: { description: string };
      paths: Record<string, Record<string, { security?: object[]; responses: Record<string, object> }>>;
    };
    expect(info.description).toMatch(/^Does nothing\.\n/);
    expect(statusesOf(paths['/plain']?.['get']?.responses ?? {})).toBe('500 503 default');
    const put = paths['/things/{id}']?.['put'];
    const responses = put?.responses ?? {};
    expect(statusesOf(responses)).toBe('400 401 404 413 415 500 503 default');
    expect(put?.security).toEqual([{ operator: [] }]);
    expect(responses['404']).toMatchObject({ description: 'There is none' });
    expect(responses['503']).toMatchObject({
      description: 'It sleeps',
      headers: { 'Retry-After': {} },
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    });
    await app.close();
  });

  test('bring requests to copy: of bodies by name, of parameters one by one', async () => {
    const { app } = await createHttp({ name: 'sample' });
    const sku = z
      .string()
      .regex(/^\d+$/)
      .transform(Number)
      .meta({ examples: ['17'] });
    const body = z.strictObject({ count: z.int() }).nullish();
    const examples = { some: { summary: 'Some', value: { count: 3 } } };
    app.post(
      '/stock/:sku',
      { config: { docs: { examples } }, schema: { params: z.strictObject({ sku }), body } },
      async () => ({}),
    );
    await app.ready();
    expect(app.swagger().paths?.['/stock/{sku}']?.post).toMatchObject({
      parameters: [{ name: 'sku', example: '17' }],
      requestBody: { required: false, content: { 'application/json': { examples } } },
    });
    await app.close();
  });

  test.each([
    ['a body', { summary: 'Too many', value: { count: 'three' } }, '17', /example many is refused/],
    [
      'a parameter',
      { summary: 'Some', value: { count: 3 } },
      'seventeen',
      /params\/sku: the example seventeen/,
    ],
  ])(
    'an example of %s that would be refused keeps its route from registering',
    async (_of, many, id, why) => {
      const { app } = await createHttp({ name: 'sample' });
      const params = z.strictObject({
        sku: z
          .string()
          .regex(/^\d+$/)
          .meta({ examples: [id] }),
      });
      const schema = { params, body: z.strictObject({ count: z.int() }) };
      const config = { docs: { examples: { many } } };
      expect(() => app.post('/stock/:sku', { config, schema }, async () => ({}))).toThrow(why);
      await app.close();
    },
  );

  test('are a page that takes nothing from elsewhere', async () => {
    const response = await fetch(`${http.url}/docs`);
    expect(response.status).toBe(200);
    expect(response.url).toBe(`${http.url}/docs/`);
    const page = await response.text();
    expect(page).toContain('"/openapi.json"');
    expect(page).not.toMatch(/https?:/);
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'self';/);
    const [, script = ''] = /<script src="([^"]+)"/.exec(page) ?? [];
    const source = await fetch(new URL(script, response.url));
    expect(source.status).toBe(200);
    expect(source.headers.get('content-type')).toMatch(/javascript/);
    expect((await source.text()).length).toBeGreaterThan(1_000_000);
  });
});

describe('limits', () => {
  test('of requests at once: 503 with Retry-After; probes are answered all the same', async () => {
    const busy = await listen({ maxInFlight: 1 });
    const hung = new AbortController();
    const held = fetch(`${busy.url}/hang`, { signal: hung.signal }).catch(() => 'aborted');
    await expect.poll(async () => (await fetch(`${busy.url}/refuse`)).status).toBe(503);
    const refused = await fetch(`${busy.url}/refuse`);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await refused.json()).toMatchObject({ status: 503, detail: 'Too many requests at once' });
    expect((await fetch(`${busy.url}/readyz`)).status).toBe(200);
    expect((await fetch(`${busy.url}/metrics`)).status).toBe(200);
    // A caller that hangs up makes room, although its handler never ends.
    hung.abort();
    expect(await held).toBe('aborted');
    await expect.poll(async () => (await fetch(`${busy.url}/refuse`)).status).toBe(422);
    await busy.app.close();
  });

  test('of time: a body that dribbles in is a 408, a handler that hangs a 503', async () => {
    const impatient = await listen({ requestTimeout: 300 });
    const head = `POST /orders HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`;
    const [slow, hung, headless] = await Promise.all([
      raw(head, impatient.port),
      fetch(`${impatient.url}/hang`),
      raw('GET /livez HTTP/1.1\r\nHost:', impatient.port),
    ]);
    expect(slow).toMatch(/^HTTP\/1\.1 408 /);
    expect(headless).toMatch(/^HTTP\/1\.1 408 /);
    expect(hung.status).toBe(503);
    await impatient.app.close();
  });
});

test('draining: not ready at once, newcomers are sent away, and the last answer closes its connection', async () => {
  const leaving = await listen();
  const held = new AbortController();
  const hung = fetch(`${leaving.url}/hang`, { signal: held.signal }).catch(() => 'aborted');
  await expect
    .poll(async () => (await fetch(`${leaving.url}/metrics`)).text())
    .toContain('http_server_requests_in_flight 1');
  let isDrained = false;
  const drained = leaving.drain().then(() => {
    isDrained = true;
  });
  const ready = await fetch(`${leaving.url}/readyz`);
  expect([ready.status, await ready.json()]).toEqual([503, { status: 'stopping' }]);
  expect((await fetch(`${leaving.url}/livez`)).status).toBe(200);
  const refused = await fetch(`${leaving.url}/refuse`);
  expect([refused.status, refused.headers.get('connection')]).toEqual([503, 'close']);
  expect(isDrained).toBe(false);
  held.abort();
  await Promise.all([hung, drained]);
  await leaving.app.close();
});

test('every request has a trace: the caller’s, or one of its own', async () => {
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01`, 'x-correlation-id': 'c-1' };
  const given = await fetch(`${http.url}/orders/1/cancel`, { method: 'POST', headers });
  expect(await given.json()).toEqual({
    trace: { traceparent: headers.traceparent, traceId, correlationId: 'c-1' },
  });
  const bare = await fetch(`${http.url}/orders/1/cancel`, { method: 'POST' });
  const { trace } = (await bare.json()) as { trace: { traceparent: string; correlationId: string } };
  expect(trace.traceparent).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-00$/);
  expect(bare.headers.get('x-correlation-id')).toBe(trace.correlationId);
});

/** Sends text over a bare connection, and reads until the server closes it. */
async function raw(text: string, port = http.port): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    answer += chunk;
  });
  socket.write(text);
  await once(socket, 'close');
  return answer;
}
