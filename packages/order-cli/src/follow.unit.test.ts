import { NoAnswer, Refused, type ServiceClient } from '@skald/command-line';
import { expect, it } from 'vitest';
import { exampleOrders } from '../tests/example-orders.ts';
import { followOrders } from './follow.ts';
import type { Order } from './order.ts';

type Reply = Error | readonly string[];

/** A server that answers each request with what comes next, and then closes the connection. */
function createServer(...replies: readonly Reply[]) {
  const asked: (string | undefined)[] = [];
  const encoder = new TextEncoder();
  const client: ServiceClient = {
    async send(_path, ask) {
      const reply = replies[asked.length];
      asked.push(ask?.headers?.['last-event-id']);
      if (reply === undefined) throw new Error('asked too often');
      if (reply instanceof Error) throw reply;
      return new Response(
        new ReadableStream({
          start(controller) {
            for (const part of reply) controller.enqueue(encoder.encode(part));
            controller.close();
          },
        }),
      );
    },
    ask: () => Promise.reject(new Error('nobody asks')),
    parse: (schema, text) => schema.parse(JSON.parse(text)),
  };
  return { client, asked };
}

const eventOf = (order: Order, id: string): string =>
  `event: order\nid: ${id}\ndata: ${JSON.stringify(order)}\n\n`;
const { placed, onItsWay, confirmed } = exampleOrders;

async function take(count: number, client: ServiceClient, lost: string[] = []): Promise<Order[]> {
  const { signal } = new AbortController();
  const orders: Order[] = [];
  const options = { from: '0.7', signal, retryMs: 1 };
  const told = { onLost: () => void lost.push('lost'), onBack: () => void lost.push('back') };
  for await (const order of followOrders(client, { ...options, ...told })) {
    orders.push(order);
    if (orders.length === count) break;
  }
  return orders;
}

it('Orders are told as they come, wherever the bytes are cut', async () => {
  const text = `retry: 1000\nid: 0.7\n\n: still here\n\n${eventOf(placed, '0.8')}${eventOf(onItsWay, '0.9')}`;
  const parts = text.match(/[\s\S]{1,7}/g) ?? [];
  expect(await take(2, createServer(parts).client)).toEqual([placed, onItsWay]);
});

it('A server that restarts is asked again behind the last event, and nobody answering meanwhile is waited out', async () => {
  const { client, asked } = createServer(
    [eventOf(placed, '0.8'), 'event: order\nid: 0.9\nda'],
    new NoAnswer('refused'),
    new Refused('starting', { status: 503, retryAfter: 1 }),
    [eventOf(onItsWay, '0.9'), eventOf(confirmed, '1.0')],
  );
  const lost: string[] = [];
  expect(await take(3, client, lost)).toEqual([placed, onItsWay, confirmed]);
  expect(asked).toEqual(['0.7', '0.8', '0.8', '0.8']);
  expect(lost).toEqual(['lost', 'back']);
});

it('Nobody answering at first is an error, and so is a refusal that doesn’t pass', async () => {
  const away = new NoAnswer('nobody there');
  await expect(take(1, createServer(away).client)).rejects.toBe(away);
  const refused = new Refused('no such stream', { status: 400, retryAfter: undefined });
  await expect(take(2, createServer([eventOf(placed, '0.8')], refused).client)).rejects.toBe(refused);
});

it('It ends with its signal, with the reason of that', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  const { client } = createServer([eventOf(placed, '0.8')], new NoAnswer('gone'), new NoAnswer('gone'));
  const orders = followOrders(client, { from: '', signal: controller.signal, retryMs: 60_000 });
  expect((await orders.next()).value).toEqual(placed);
  const next = orders.next();
  controller.abort(reason);
  await expect(next).rejects.toBe(reason);
});
