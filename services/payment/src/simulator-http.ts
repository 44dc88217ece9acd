import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import Fastify, { type FastifyInstance } from 'fastify';
import {
  type Charge,
  type ChargeRequest,
  chargesOf,
  failure,
  listCharges,
  type RefundRequest,
  type Request,
} from './simulator.ts';
import type { Teller } from './teller.ts';

const PAGE_LIMIT = 1_000;

const amount = { type: 'integer', minimum: 0, maximum: 100_000_000_000 };
const currency = { type: 'string', pattern: '^[A-Z]{3}$' };
const text = { type: 'string', minLength: 1, maxLength: 200 };
const strict = <Properties extends object>(properties: Properties, required = Object.keys(properties)) => ({
  type: 'object',
  additionalProperties: false,
  required,
  properties,
});
const keyed = {
  type: 'object',
  required: ['idempotency-key'],
  properties: { 'idempotency-key': { type: 'string', minLength: 1, maxLength: 255 } },
};
const listQuery = strict(
  {
    orderId: text,
    status: { type: 'string', enum: ['succeeded', 'failed'] },
    limit: { type: 'string', pattern: '^[1-9][0-9]{0,3}$' },
    after: text,
  },
  [],
);

interface Keyed {
  'idempotency-key': string;
}

interface ListQuery {
  orderId?: string;
  status?: Charge['status'];
  limit?: string;
  after?: string;
}

/** The simulator's HTTP face. `signal` cuts delays short when the process stops. */
export function createSimulatorApp(teller: Teller, signal: AbortSignal): FastifyInstance {
  // One for each answer that is held back.
  setMaxListeners(0, signal);
  const app = Fastify({
    bodyLimit: 16_384,
    forceCloseConnections: true,
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false } },
  });
  app.removeContentTypeParser('text/plain');
  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    const status = error.statusCode ?? 500;
    const type = status < 500 ? 'invalid_request_error' : 'api_error';
    const given = failure(status, type, status < 500 ? 'invalid_request' : 'internal', error.message);
    return reply.code(given.status).send(given.body);
  });

  const ask = async (request: Request, reply: { code(status: number): unknown }) => {
    const { answer, delayMs, written } = teller.take(request);
    await written;
    if (delayMs > 0) await sleep(delayMs, undefined, { signal });
    reply.code(answer.status);
    return answer.body;
  };

  app.post<{ Body: ChargeRequest; Headers: Keyed }>(
    '/charges',
    { schema: { headers: keyed, body: strict({ orderId: text, amount, currency, paymentMethod: text }) } },
    ({ headers, body }, reply) => ask({ to: 'charge', key: headers['idempotency-key'], body }, reply),
  );
  app.post<{ Body: RefundRequest; Headers: Keyed }>(
    '/refunds',
    { schema: { headers: keyed, body: strict({ chargeId: text, amount, currency }) } },
    ({ headers, body }, reply) => ask({ to: 'refund', key: headers['idempotency-key'], body }, reply),
  );
  // Money that moved, unless declined charges are asked for: a decline is no charge.
  app.get<{ Querystring: ListQuery }>(
    '/charges',
    { schema: { querystring: listQuery } },
    ({ query }, reply) => {
      const { orderId, status = 'succeeded', limit, after } = query;
      if (orderId !== undefined) return chargesOf(teller.ledger, orderId, status);
      const size = Math.min(Number(limit ?? PAGE_LIMIT), PAGE_LIMIT);
      const page = listCharges(teller.ledger, status, size, after);
      const next = page.length === size ? page.at(-1)?.chargeId : undefined;
      if (next !== undefined) {
        void reply.header('link', `</charges?status=${status}&limit=${size}&after=${next}>; rel="next"`);
      }
      return page;
    },
  );
  for (const path of ['/livez', '/readyz']) app.get(path, () => ({ status: 'ok' }));
  return app;
}
