import type { AddressInfo } from 'node:net';
import type { MessageId, Operator, ParkedDetail } from '@skald/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHttp, type Http } from './http.ts';
import { serveOperator } from './operator-routes.ts';
import type { ProblemBody } from './problem.ts';

const token = 'a-token-of-the-operators';
const message: MessageId = { topic: 'orders.events', partition: 3, offset: 42 };
const detail: ParkedDetail = {
  message: {
    ...message,
    key: 'order-1',
    state: 'failed',
    event: 'OrderCreated',
    sequence: 1,
    error: { code: 'HANDLER_FAILED', text: 'TypeError' },
    attempts: 1,
    edited: false,
    recordedAt: '2026-01-31T00:00:00.000Z',
    parkedAt: '2026-01-31T00:00:01.000Z',
  },
  content: { undecodable: 'no' },
  rawKey: null,
  rawValue: null,
  headers: {},
  stack: null,
  queue: [],
  redrivesLeft: 5,
};
const asked: unknown[] = [];
const outage = Object.assign(new Error('Postgres is away'), { retryable: true });

const operator: Operator = {
  parking: async () => ({ messages: 1, failed: 1, keys: 1, oldestAt: null }),
  parked: async (query) => {
    asked.push(query);
    return { messages: [detail.message], next: null };
  },
  detail: async ({ offset }) => (offset === 42 ? detail : undefined),
  try: async ({ data }) =>
    data === undefined ? { results: [] } : { invalid: [{ pointer: '/lines/0/quantity', detail: 'no int' }] },
  redrive: async (request) => {
    asked.push(request);
    return { results: [] };
  },
  discard: async () => {
    throw outage;
  },
  edit: async ({ data, message: { offset } }) => {
    if (offset !== 42) return { refusal: offset === 0 ? 'unknown' : 'resolved' };
    return data === 'wrong' ? { invalid: [{ pointer: '', detail: 'no record' }] } : { detail };
  },
  log: async () => ({ entries: [], next: null }),
};

let http: Http;
let url: string;

beforeAll(async () => {
  http = await createHttp({ name: 'sample' });
  serveOperator(http.app, operator, token);
  await http.app.listen({ port: 0 });
  url = `http://127.0.0.1:${(http.app.server.address() as AddressInfo).port}/operator`;
});
afterAll(() => http.app.close());

const authorization = `Bearer ${token}`;
async function ask(path: string, body?: unknown, headers: Record<string, string> = { authorization }) {
  const response = await fetch(`${url}/${path}`, {
    headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as ProblemBody };
}

describe('the operator routes', () => {
  test.each([
    ['no token', {}],
    ['another token', { authorization: 'Bearer nobody-told-me-the-token' }],
    ['the token in another scheme', { authorization: `Basic ${token}` }],
  ])('show nothing to who has %s', async (_what, headers) => {
    for (const path of ['parking', 'parked', 'parked/orders.events/3/42', 'log']) {
      const answer = await ask(path, undefined, headers as Record<string, string>);
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    }
    const before = asked.length;
    const act = { messages: [message], by: 'ada', reason: 'why not' };
    expect((await ask('redrive', act, headers as Record<string, string>)).status).toBe(401);
    expect(asked).toHaveLength(before);
  });

  test('answer who has it', async () => {
    expect(await ask('parking')).toMatchObject({ status: 200, body: { messages: 1 } });
    expect(await ask('parked?limit=5&state=failed&key=order-1')).toMatchObject({ status: 200 });
    expect(asked.at(-1)).toEqual({ limit: 5, after: 0, state: 'failed', key: 'order-1' });
    expect(await ask('parked/orders.events/3/42')).toMatchObject({ body: { message: { offset: 42 } } });
    expect(await ask('parked/orders.events/3/43')).toMatchObject({ status: 404 });
    expect(await ask('log')).toMatchObject({ status: 200, body: { entries: [] } });
  });

  test('want to know who acts, and why', async () => {
    const answer = await ask('redrive', { messages: [message] });
    expect(answer).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '#/by' }, { pointer: '#/reason' }] },
    });
    const act = { messages: [message], by: 'ada', reason: 'mended' };
    expect((await ask('redrive', act)).status).toBe(200);
    expect(asked.at(-1)).toEqual({ ...act, acceptGap: false });
  });

  test.each([
    ['an unknown topic', { messages: [{ ...message, topic: 'orders.rumours' }] }, '#/messages/0/topic'],
    ['a text for a number', { messages: [{ ...message, offset: '42' }] }, '#/messages/0/offset'],
    ['nothing', { messages: [] }, '#/messages'],
    ['another value for two at once', { messages: [message, message], data: {} }, '#/data'],
    ['a field too many', { messages: [message], force: true }, '#/force'],
  ])('refuse %s, naming the field', async (_what, body, pointer) => {
    expect(await ask('try', body)).toMatchObject({ status: 400, body: { errors: [{ pointer }] } });
  });

  test('name the field of a value that its schema refuses', async () => {
    const tried = await ask('try', { messages: [message], data: {} });
    expect(tried).toMatchObject({ status: 422, body: { errors: [{ pointer: '#/data/lines/0/quantity' }] } });
    const edit = { message, by: 'ada', reason: 'a typo' };
    expect(await ask('edit', { ...edit, data: 'wrong' })).toMatchObject({ status: 422 });
    expect(await ask('edit', { ...edit, data: {} })).toMatchObject({ status: 200 });
    expect(await ask('edit', { ...edit, message: { ...message, offset: 0 }, data: {} })).toMatchObject({
      status: 404,
    });
    expect(await ask('edit', { ...edit, message: { ...message, offset: 1 }, data: {} })).toMatchObject({
      status: 409,
    });
  });

  test('say to try again while Postgres is away', async () => {
    const answer = await ask('discard', { messages: [message], by: 'ada', reason: 'no use' });
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('1');
  });
});
