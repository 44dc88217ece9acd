import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  actRequestSchema,
  editRequestSchema,
  type LogEntry,
  logPageSchema,
  type MessageId,
  type ParkedMessage,
  parkedDetailSchema,
  type Refusal,
  redriveAnswerSchema,
  redriveRequestSchema,
  tryAnswerSchema,
  tryRequestSchema,
  type Verdict,
} from '@skald/contracts';

/** A service's operator routes as they are agreed upon, over verdicts that a test has set. */
export interface FakeOperator {
  readonly url: string;
  /** Answers 503 while it is. */
  isAway: boolean;
  /** What is said of a message, by its offset. Unknown: as `applies`. */
  readonly verdicts: Map<number, Partial<Verdict>>;
  readonly refusals: Map<number, Refusal>;
  /** Requests, in their order: action and offsets. */
  readonly asked: { action: string; offsets: number[]; by?: string; reason?: string; acceptGap?: boolean }[];
  readonly log: LogEntry[];
  close(): Promise<void>;
}

const time = new Date(0).toISOString();

export async function startFakeOperator(token: string): Promise<FakeOperator> {
  const asked: FakeOperator['asked'] = [];
  const verdicts: FakeOperator['verdicts'] = new Map();
  const refusals: FakeOperator['refusals'] = new Map();
  const log: LogEntry[] = [];

  const verdictOf = (message: MessageId): Verdict => ({
    ...message,
    event: 'OrderCreated',
    verdict: 'applies',
    reason: null,
    error: null,
    events: [{ name: 'PaymentCompleted', topic: 'payments.events', key: 'k', data: {} }],
    effects: [],
    ...verdicts.get(message.offset),
  });
  const parked = (message: MessageId): ParkedMessage => ({
    ...message,
    key: 'k',
    state: 'failed',
    event: 'OrderCreated',
    sequence: 1,
    error: { code: 'UNDECODABLE', text: 'no event' },
    attempts: 1,
    edited: false,
    recordedAt: time,
    parkedAt: time,
  });
  const detail = (message: MessageId) => ({
    message: parked(message),
    content: { name: 'OrderCreated', data: { orderId: 'k' } },
    rawKey: null,
    rawValue: null,
    headers: {},
    stack: null,
    queue: [parked(message), { ...parked({ ...message, offset: message.offset + 1 }), state: 'waiting' }],
    redrivesLeft: 4,
  });
  const results = (messages: MessageId[], isDone: boolean) =>
    messages.map((message) => {
      const refusal = refusals.get(message.offset) ?? null;
      const own = refusal === null ? [verdictOf(message)] : [];
      const drained = isDone && own.some(({ verdict }) => verdict !== 'fails');
      return { message, refusal, drained, taken: Number(drained), verdicts: own };
    });
  const note = (action: string, messages: MessageId[], rest: object) =>
    asked.push({ action, offsets: messages.map(({ offset }) => offset), ...rest });

  const routes: Record<string, (body: unknown, url: URL) => unknown> = {
    '/operator/try': (body) => {
      const { messages, acceptGap } = tryRequestSchema.parse(body);
      note('try', messages, { acceptGap });
      const plain = results(messages, false).map(({ message, refusal, verdicts: own }) => ({
        message,
        refusal,
        verdicts: own,
      }));
      return tryAnswerSchema.parse({ results: plain });
    },
    '/operator/redrive': (body) => {
      const { messages, by, reason, acceptGap } = redriveRequestSchema.parse(body);
      note('redrive', messages, { by, reason, acceptGap });
      return redriveAnswerSchema.parse({ results: results(messages, true) });
    },
    '/operator/discard': (body) => {
      const { messages, by, reason } = actRequestSchema.parse(body);
      note('discard', messages, { by, reason });
      return redriveAnswerSchema.parse({ results: results(messages, true) });
    },
    '/operator/edit': (body) => {
      const { message, data, by, reason } = editRequestSchema.parse(body);
      note('edit', [message], { by, reason });
      if (data === null) return undefined;
      return parkedDetailSchema.parse(detail(message));
    },
    '/operator/log': (_body, url) => {
      const after = Number(url.searchParams.get('after'));
      const entries = log.filter(({ id }) => id > after).slice(0, 2);
      return logPageSchema.parse({ entries, next: entries.length === 2 ? entries[1]?.id : null });
    },
  };

  const answer = async (request: IncomingMessage): Promise<{ status: number; body: unknown }> => {
    if (fake.isAway) return { status: 503, body: problem(503, 'Try again in a moment') };
    if (request.headers.authorization !== `Bearer ${token}`)
      return { status: 401, body: problem(401, 'token') };
    const url = new URL(request.url ?? '', 'http://fake');
    const [, topic, partition, offset] =
      /^\/operator\/parked\/([^/]+)\/(\d+)\/(\d+)$/.exec(url.pathname) ?? [];
    if (topic !== undefined) {
      const message = { topic, partition: Number(partition), offset: Number(offset) } as MessageId;
      if (refusals.get(message.offset) === 'unknown')
        return { status: 404, body: problem(404, 'Not parked here') };
      return { status: 200, body: parkedDetailSchema.parse(detail(message)) };
    }
    const body = routes[url.pathname]?.(JSON.parse((await textOf(request)) || 'null'), url);
    return body === undefined ? { status: 422, body: invalid } : { status: 200, body };
  };

  const server = createServer((request, response) => {
    answer(request)
      .catch((error: unknown) => ({ status: 400, body: problem(400, String(error)) }))
      .then(({ status, body }) => response.writeHead(status).end(JSON.stringify(body)))
      .catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const fake: FakeOperator = {
    url: `http://127.0.0.1:${port}`,
    isAway: false,
    verdicts,
    refusals,
    asked,
    log,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  return fake;
}

const problem = (status: number, detail: string) => ({
  type: 'about:blank',
  title: 'Problem',
  status,
  detail,
});

const invalid = {
  type: 'urn:skald:problem:invalid-value',
  title: 'The value doesn’t fit its schema',
  status: 422,
  errors: [{ pointer: '#/data/orderId', detail: 'must be a text' }],
};

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of request) text += String(part);
  return text;
}
