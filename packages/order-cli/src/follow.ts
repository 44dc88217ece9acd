import { setTimeout as delay } from 'node:timers/promises';
import { NoAnswer, Refused, type ServiceClient } from '@skald/command-line';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { type Order, orderSchema } from './order.ts';

export interface FollowOptions {
  /** Changes of this order alone. */
  readonly orderId?: string;
  /** Where to begin: `position` of a page. */
  readonly from: string;
  readonly signal: AbortSignal;
  /** The connection is lost, and asked for again. */
  readonly onLost?: () => void;
  readonly onBack?: () => void;
  /** Between two tries, ms. Default 1,000: a server that restarts takes a few seconds. */
  readonly retryMs?: number;
}

const RETRY_MS = 1_000;
/** order-view says each 15 s that it is still there: after three of them in vain the connection is dead, whatever it looks like. */
const SILENCE_MS = 45_000;
const PASSING: readonly number[] = [429, 502, 503, 504];

/**
 * Orders as they are after each change. A connection that breaks is opened again behind the last event, for as long as the
 * signal allows. Throws NoAnswer where nobody answers at first, and what the signal is aborted with.
 */
export async function* followOrders(
  client: ServiceClient,
  options: FollowOptions,
): AsyncGenerator<Order, never> {
  const { orderId, signal, onLost = () => {}, onBack = () => {} } = options;
  const path = `/orders/stream${orderId === undefined ? '' : `?orderId=${encodeURIComponent(orderId)}`}`;
  let lastEventId = options.from;
  let state: 'new' | 'open' | 'lost' = 'new';
  for (;;) {
    const quiet = createWatchdog(SILENCE_MS);
    try {
      const response = await client.send(path, {
        headers: { 'last-event-id': lastEventId },
        signal: AbortSignal.any([signal, quiet.signal]),
      });
      if (state === 'lost') onBack();
      state = 'open';
      for await (const { id, event, data } of eventsIn(response, quiet.feed)) {
        if (id !== undefined) lastEventId = id;
        if (event === 'order') yield client.parse(orderSchema, data);
      }
    } catch (error) {
      signal.throwIfAborted();
      if (state === 'new' || !isPassing(error)) throw error;
    } finally {
      quiet.stop();
    }
    if (state === 'open') onLost();
    state = 'lost';
    await delay(options.retryMs ?? RETRY_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/** Whether it is about the connection, and not about what was asked for. */
const isPassing = (error: unknown): boolean =>
  error instanceof NoAnswer ||
  error instanceof BrokenOff ||
  (error instanceof Refused && PASSING.includes(error.status));

class BrokenOff extends Error {}

async function* eventsIn({ body }: Response, onBytes: () => void): AsyncGenerator<EventSourceMessage, void> {
  if (body === null) return;
  const events: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (event) => events.push(event) });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((cause: unknown) => {
        throw new BrokenOff('the stream broke off', { cause });
      });
      if (done) return;
      onBytes();
      parser.feed(decoder.decode(value, { stream: true }));
      yield* events.splice(0);
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function createWatchdog(ms: number) {
  const controller = new AbortController();
  const bark = () => controller.abort(new BrokenOff('nothing was heard for too long'));
  let timer = setTimeout(bark, ms);
  return {
    signal: controller.signal,
    feed() {
      clearTimeout(timer);
      timer = setTimeout(bark, ms);
    },
    stop: () => clearTimeout(timer),
  };
}
