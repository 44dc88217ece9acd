import type { Readable } from 'node:stream';
import { type TopicName, topics } from '@skald/contracts';
import type { EventViewer, RangeReader } from '@skald/messaging';
import { type App, Problem } from '@skald/service-kit';
import { z } from 'zod';
import { contentAnswer, eventsAnswer } from './answer.ts';
import { payload, streaming } from './docs.ts';
import type { EventRing } from './event-ring.ts';
import type { EventStream } from './event-stream.ts';
import { eventPath, orderPath, streamHeaders, streamQuery } from './request.ts';

export interface EventRouteOptions {
  readonly ring: EventRing;
  readonly stream: EventStream;
  readonly viewer: EventViewer;
  /** For events that the ring has forgotten. */
  readonly reader: RangeReader;
}

const tags = ['events'];

export function serveEvents(app: App, options: EventRouteOptions): void {
  const { ring, stream } = options;

  app.get(
    '/api/events',
    {
      config: { isLong: true, docs: streaming },
      schema: {
        tags,
        summary: 'Events of orders, as they happen',
        description:
          'Server-sent events: `open`; `events`, a list, without what they say; `reset` where some are missing, so that what is known must be read anew.',
        querystring: streamQuery,
        headers: streamHeaders,
        response: { 200: { content: { 'text/event-stream': { schema: z.string() } } } },
      },
    },
    (request, reply) => {
      const place = request.headers['last-event-id'] ?? request.query.lastEventId;
      reply.headers({ 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' });
      return sendStream(reply, stream.open(place));
    },
  );

  app.get(
    '/api/orders/:orderId/events',
    {
      schema: {
        tags,
        summary: 'Events of an order, as far as the console remembers them',
        description: 'The newest 20,000 events of all orders are remembered.',
        params: orderPath,
        response: { 200: eventsAnswer },
      },
    },
    async (request) => ({ events: ring.ofKey(request.params.orderId) }),
  );

  app.get(
    '/api/events/:topic/:partition/:offset',
    {
      config: { docs: payload },
      schema: {
        tags,
        summary: 'What an event says',
        description: 'Decoded; from the log, where the console has forgotten it.',
        params: eventPath,
        response: { 200: contentAnswer },
      },
    },
    async (request) => {
      const { topic, partition, offset } = request.params;
      if (topics[topic as TopicName].personalData) throw personalData(topic);
      return options.viewer.view(await valueAt(options, topic, partition, offset));
    },
  );
}

/** The schema says what is in it; the compiler takes it for that of the whole answer. */
const sendStream = (reply: { send(payload: never): unknown }, events: Readable) =>
  (reply as { send(payload: unknown): unknown }).send(events) as never;

const READ_TIMEOUT_MS = 5_000;

async function valueAt(
  { ring, reader }: EventRouteOptions,
  topic: string,
  partition: number,
  offset: number,
): Promise<Buffer | null> {
  const remembered = ring.find(topic, partition, offset);
  if (remembered !== undefined) return remembered.value;
  const range = { topic, partition, from: offset, to: offset + 1 };
  const { records } = await reader.read({ ...range, maxBytes: 2 * 1024 * 1024, timeoutMs: READ_TIMEOUT_MS });
  const record = records.find((found) => found.offset === offset);
  if (record !== undefined) return record.value;
  throw new Problem({ status: 404, detail: `${topic} holds nothing at ${partition}/${offset}` });
}

const personalData = (topic: string): Problem =>
  new Problem({
    status: 403,
    type: 'urn:skald:problem:personal-data',
    title: 'Personal data',
    detail: `What travels in ${topic} says something about a person, and isn’t shown`,
  });
