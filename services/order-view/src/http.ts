import { Readable } from 'node:stream';
import type { OrderReadModel } from '@skald/contracts';
import { type App, Problem } from '@skald/service-kit';
import { z } from 'zod';
import {
  describeOrder,
  describeSummary,
  describeTimeline,
  orderAnswer,
  pageAnswer,
  timelineAnswer,
} from './answer.ts';
import { type Feed, positionsText } from './feed.ts';
import type { OrderStore } from './order-store.ts';
import {
  afterQuery,
  cursorOf,
  filterOf,
  orderPath,
  type PageQuery,
  pageQuery,
  streamHeaders,
  streamQuery,
} from './request.ts';
import { createStream } from './stream.ts';

export interface RouteOptions {
  readonly store: OrderStore;
  readonly feed: Feed;
  /** How long a read waits for its version, ms. */
  readonly waitMs: number;
  /** Aborts when the process is told to stop. */
  readonly stopping: AbortSignal;
  /** Of streams that have nothing to tell, ms. Default 15,000. */
  readonly heartbeatMs?: number;
  /** A stream whose reader takes nothing for so long is cut off, ms. Default 20,000. */
  readonly slowMs?: number;
}

const tags = ['orders'];
/** Of one order. */
const problems = {
  404: 'There is no such order here, and no version was asked for (`urn:skald:problem:unknown-order`)',
  504: 'The model has not come to the version asked for in time (`urn:skald:problem:not-yet-visible`): Retry-After says in how many seconds to try again',
};
const HEARTBEAT_MS = 15_000;
const SLOW_MS = 20_000;
/** Bytes of a stream that wait for its reader, beside what its socket holds. */
const STREAM_BUFFER = 64 * 1024;

export function routes(app: App, options: RouteOptions): void {
  readingRoutes(app, options);
  streamRoute(app, options);
}

function readingRoutes(app: App, options: RouteOptions): void {
  app.get(
    '/orders',
    {
      schema: {
        tags,
        summary: 'Search orders',
        description: 'All filters hold at once. Newest first, unless asked otherwise.',
        querystring: pageQuery,
        response: { 200: pageAnswer },
      },
    },
    async ({ query }) => readPage(options.store, query),
  );

  app.get(
    '/orders/:orderId',
    {
      config: { docs: { problems } },
      schema: {
        tags,
        summary: 'An order, and all that is known of it',
        description: 'With `after`, waits until the model has that version: a read after one’s own write.',
        params: orderPath,
        querystring: afterQuery,
        response: { 200: orderAnswer },
      },
    },
    async ({ params, query }) => describeOrder(await readOrder(options, params.orderId, query.after)),
  );

  app.get(
    '/orders/:orderId/timeline',
    {
      config: { docs: { problems } },
      schema: {
        tags,
        summary: 'The steps of an order: taken, to come, and waited for',
        description: 'Each with its event, its time, and what it took since the event that called for it.',
        params: orderPath,
        querystring: afterQuery,
        response: { 200: timelineAnswer },
      },
    },
    async ({ params, query }) => describeTimeline(await readOrder(options, params.orderId, query.after)),
  );
}

async function readPage(store: OrderStore, query: PageQuery) {
  const { sort, limit, cursor } = query;
  const filter = filterOf(query);
  // First, so that a stream from there tells of whatever this page is too old for.
  const position = positionsText(await store.positions());
  const [found, facets] = await Promise.all([
    store.search({ filter, sort, limit: limit + 1, after: cursor }),
    cursor === undefined ? store.facets(filter) : null,
  ]);
  const orders = found.slice(0, limit);
  const last = found.length > limit ? orders.at(-1) : undefined;
  return {
    orders: orders.map(describeSummary),
    nextCursor: last === undefined ? null : cursorOf(last),
    facets,
    position,
  };
}

async function readOrder(
  { store, feed, waitMs, stopping }: RouteOptions,
  orderId: string,
  after: number | undefined,
): Promise<OrderReadModel> {
  const until = performance.now() + waitMs;
  for (;;) {
    const left = until - performance.now();
    const listener = after === undefined ? undefined : feed.listen(Math.max(0, left), orderId);
    try {
      const model = await store.get(orderId);
      if (after === undefined) {
        if (model === undefined) throw unknownOrder(orderId);
        return model;
      }
      if (model !== undefined && model.version >= after) return model;
      if (left <= 0 || stopping.aborted) throw notYet(orderId, after, model?.version);
      await listener?.changed;
    } finally {
      listener?.close();
    }
  }
}

const unknownOrder = (orderId: string): Problem =>
  new Problem({
    status: 404,
    type: 'urn:skald:problem:unknown-order',
    title: 'Unknown order',
    detail: `There is no order ${orderId}`,
  });

/** 504: it is the log, upstream of the view, that has not brought it in time; a 404 would deny an order that may well be. */
const notYet = (orderId: string, after: number, version: number | undefined): Problem =>
  new Problem({
    status: 504,
    type: 'urn:skald:problem:not-yet-visible',
    title: 'Not yet visible',
    detail: `Order ${orderId} has version ${version ?? 0} here, not ${after} yet`,
    retryAfter: 1,
  });

function streamRoute(app: App, options: RouteOptions): void {
  const { store, feed, stopping } = options;
  app.get(
    '/orders/stream',
    {
      config: { isLong: true },
      schema: {
        tags,
        summary: 'Changes as they become visible',
        description:
          'Server-sent events: each `order` holds the order as it is now. Its id goes on from there, in Last-Event-ID. Who is slow gets the newest state of each order, not each state; who takes nothing for 20 s is cut off.',
        querystring: streamQuery,
        headers: streamHeaders,
        response: { 200: { content: { 'text/event-stream': { schema: z.string() } } } },
      },
    },
    async ({ query, headers }, reply) => {
      const from = headers['last-event-id'] ?? query.from ?? (await store.positions());
      const hungUp = new AbortController();
      const events = createStream({
        feed,
        from,
        orderId: query.orderId,
        signal: AbortSignal.any([stopping, hungUp.signal]),
        heartbeatMs: options.heartbeatMs ?? HEARTBEAT_MS,
      });
      const slowMs = options.slowMs ?? SLOW_MS;
      const cutOff = () => reply.raw.destroy();
      const body = Readable.from(watched(events, slowMs, cutOff), {
        objectMode: false,
        highWaterMark: STREAM_BUFFER,
      });
      body.once('close', () => hungUp.abort());
      reply.header('cache-control', 'no-store').header('x-accel-buffering', 'no');
      return sendEvents(reply, body);
    },
  );
}

/** The same texts; cuts off a reader that takes one for too long to take. */
async function* watched(
  texts: AsyncGenerator<string>,
  slowMs: number,
  cutOff: () => void,
): AsyncGenerator<string> {
  for await (const text of texts) {
    const timer = setTimeout(cutOff, slowMs);
    try {
      yield text;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** The schema says what the events are; the compiler takes it for the answer. */
const sendEvents = (reply: { type(contentType: string): unknown }, body: Readable) =>
  (reply.type('text/event-stream; charset=utf-8') as { send(payload: unknown): never }).send(body);
