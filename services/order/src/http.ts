import type { Kernel } from '@skald/messaging';
import { type App, Problem } from '@skald/service-kit';
import { acceptedAnswer, describeOrder, describeRow, orderAnswer, pageAnswer } from './answer.ts';
import type { Catalogue } from './catalogue.ts';
import { cancelling, placing } from './docs.ts';
import type { CancelReply } from './order.ts';
import { createPlacing } from './placing.ts';
import { orderExists, readOrder, readPage } from './queries.ts';
import { cancelBody, idempotencyHeaders, orderPath, pageQuery, placeOrderBody } from './request.ts';

const tags = ['orders'];

export function routes(app: App, kernel: Kernel, catalogue: Catalogue): void {
  const place = createPlacing(kernel, catalogue);

  app.post(
    '/orders',
    {
      config: { docs: placing },
      schema: {
        tags,
        summary: 'Place an order',
        description:
          'Prices are ours: an order is priced from the catalogue as it is now. The answer comes as soon as the order is stored; what becomes of it shows at its Location.',
        headers: idempotencyHeaders,
        body: placeOrderBody,
        response: { 202: acceptedAnswer },
      },
    },
    async (request, reply) => {
      const orderId = await place(request.headers['idempotency-key'], request.body, request.trace);
      reply.code(202).header('location', `/orders/${orderId}`);
      return { orderId, status: 'PENDING', version: 1 } as const;
    },
  );

  app.get(
    '/orders/:orderId',
    {
      config: { docs: { problems: { 404: 'There is no such order' } } },
      schema: {
        tags,
        summary: 'An order and its history',
        description: 'Everything that was said of it, by whichever service, in the order of time.',
        params: orderPath,
        response: { 200: orderAnswer },
      },
    },
    async (request) => {
      const { orderId } = request.params;
      const found = await readOrder(kernel.database, orderId);
      if (!found) throw unknownOrder(orderId);
      return describeOrder(found.order, found.story);
    },
  );

  app.get(
    '/orders',
    {
      schema: {
        tags,
        summary: 'Orders, newest first',
        description: 'Page by page: `nextCursor` of one is the `cursor` of the next. Filters hold at once.',
        querystring: pageQuery,
        response: { 200: pageAnswer },
      },
    },
    async (request) => {
      const { rows, nextCursor } = await readPage(kernel.database, request.query);
      return { orders: rows.map(describeRow), nextCursor };
    },
  );

  app.post(
    '/orders/:orderId/cancel',
    {
      config: { docs: cancelling },
      schema: {
        tags,
        summary: 'Cancel an order that is not confirmed yet',
        description:
          'It is cancelled at once; what was reserved, charged or booked for it is taken back as the others hear of it. Cancelling twice is as good as once.',
        params: orderPath,
        body: cancelBody,
        response: { 202: acceptedAnswer },
      },
    },
    async (request, reply) => {
      const { orderId } = request.params;
      const { correlationId, traceparent } = request.trace;
      // A look first: an id that was made up shall leave no trace.
      if (!(await orderExists(kernel.database, orderId))) throw unknownOrder(orderId);
      const command = { name: 'CancelOrder', key: orderId, data: null, correlationId, traceparent };
      const answer = await kernel.submit<CancelReply>(command);
      if (answer.result === 'unknown') throw unknownOrder(orderId);
      if (answer.result === 'confirmed') throw tooLate(orderId);
      reply.code(202);
      return { orderId, status: 'CANCELLED', version: answer.version } as const;
    },
  );
}

const unknownOrder = (orderId: string): Problem =>
  new Problem({
    status: 404,
    type: 'urn:skald:problem:unknown-order',
    title: 'Unknown order',
    detail: `There is no order ${orderId}`,
  });

const tooLate = (orderId: string): Problem =>
  new Problem({
    status: 409,
    type: 'urn:skald:problem:order-confirmed',
    title: 'Order is confirmed',
    detail: `Order ${orderId} is confirmed, and can't be cancelled any more`,
  });
