import { setTimeout as pause } from 'node:timers/promises';
import type { StackAddresses } from '@skald/local-stack';
import { type Answer, send } from '@skald/testkit';
import type { PlannedOrder } from './order-mix.ts';

/** One POST /orders, and what came of it. */
export interface Attempt {
  /** When it was sent, epoch ms. */
  readonly sentAt: number;
  readonly tookMs: number;
  /** The status, or what went wrong on the way: `202`, `503`, `ECONNREFUSED`, `timeout`. */
  readonly result: string;
}

export interface AcceptedOrder extends PlannedOrder {
  readonly orderId: string;
  readonly attempts: number;
}

/** Customers who come at a steady rate, whatever the system does. */
export interface Workload {
  /** Customers who have come so far. */
  readonly sent: number;
  /** Answered with 2xx, by order id. */
  readonly accepted: ReadonlyMap<string, AcceptedOrder>;
  /** Whose POST failed, and who didn't come back. */
  readonly abandoned: readonly PlannedOrder[];
  readonly attempts: readonly Attempt[];
  /** Nobody comes any more. */
  close(): void;
  /** Resolves when each customer has an answer, or has gone. Rejects with an answer that nobody should get. */
  readonly done: Promise<void>;
}

export interface WorkloadOptions {
  readonly addresses: StackAddresses;
  readonly orders: readonly PlannedOrder[];
  /** Between two customers, ms. */
  readonly everyMs: number;
  /** A customer's patience for one answer, ms. */
  readonly timeoutMs?: number;
}

/** Until a customer tries again, ms: longer each time, or a slow machine would drown in their retries. */
const retryMs = (tries: number): number => Math.min(300 * 2 ** (tries - 1), 2_400);

export function startWorkload(options: WorkloadOptions): Workload {
  const { addresses, orders, everyMs, timeoutMs = 3_000 } = options;
  const instances = Object.entries(addresses.services).flatMap(([name, url]) =>
    /^order(?:-\d+)?$/.test(name) ? [url] : [],
  );
  const accepted = new Map<string, AcceptedOrder>();
  const abandoned: PlannedOrder[] = [];
  const attempts: Attempt[] = [];
  let sent = 0;
  let isClosed = false;

  /** As a load balancer would: the next try goes to the next instance. */
  const instanceFor = (turn: number): string => instances[turn % instances.length] ?? '';

  async function attempt(url: string, body: unknown, key?: string): Promise<Answer<{ orderId?: string }>> {
    const headers = { 'content-type': 'application/json', ...(key && { 'idempotency-key': `"${key}"` }) };
    return await send<{ orderId?: string }>(url, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
      timeoutMs,
    });
  }

  async function place(order: PlannedOrder, turn: number): Promise<AcceptedOrder | undefined> {
    for (let tries = 1; ; tries += 1) {
      const sentAt = Date.now();
      let result = '?';
      try {
        const answer = await attempt(
          `${instanceFor(turn + tries)}/orders`,
          order.request,
          order.idempotencyKey,
        );
        result = String(answer.status);
        if (answer.status === 202) return { ...order, orderId: answer.body.orderId ?? '', attempts: tries };
        if (!isTransient(answer.status)) throw new Unexpected(answer);
      } catch (error) {
        if (error instanceof Unexpected) throw error;
        result = nameOf(error);
      } finally {
        attempts.push({ sentAt, tookMs: Date.now() - sentAt, result });
      }
      if (!order.isPersistent) return undefined;
      await pause(retryMs(tries));
    }
  }

  /** Goes on until it is told that the order is cancelled, or that it is too late. */
  async function cancel(orderId: string, turn: number): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        const answer = await attempt(`${instanceFor(turn + tries)}/orders/${orderId}/cancel`, {});
        if (answer.status === 202 || answer.status === 409) return;
        if (!isTransient(answer.status)) throw new Unexpected(answer);
      } catch (error) {
        if (error instanceof Unexpected) throw error;
      }
      await pause(retryMs(tries));
    }
  }

  async function serve(order: PlannedOrder, turn: number): Promise<void> {
    const placed = await place(order, turn);
    if (placed === undefined) {
      abandoned.push(order);
      return;
    }
    accepted.set(placed.orderId, placed);
    if (order.ending !== 'cancelled') return;
    await pause(order.cancelAfterMs);
    await cancel(placed.orderId, turn);
  }

  async function run(): Promise<void> {
    const startedAt = performance.now();
    const served: Promise<unknown>[] = [];
    for (const [turn, order] of orders.entries()) {
      await pause(Math.max(0, startedAt + turn * everyMs - performance.now()));
      if (isClosed) break;
      served.push(serve(order, turn).catch((error: unknown) => error));
      sent += 1;
    }
    const failure = (await Promise.all(served)).find((result) => result !== undefined);
    if (failure !== undefined) throw failure;
  }

  const done = run();
  // Whoever waits for it hears of it.
  done.catch(() => {});
  return {
    accepted,
    abandoned,
    attempts,
    done,
    close() {
      isClosed = true;
    },
    get sent() {
      return sent;
    },
  };
}

/** A server that was paused while it read, the first try of the same request still being worked on, overload, an outage. */
const isTransient = (status: number): boolean => [408, 409, 429].includes(status) || status >= 500;

class Unexpected extends Error {
  constructor({ status, text }: Answer) {
    super(`A customer was answered ${status}: ${text}`);
  }
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'timeout';
  const { cause } = error;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : error.message;
}

/** How often each came: `202 ×12, 503 ×3`. */
export function tally(results: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const result of results) counts.set(result, (counts.get(result) ?? 0) + 1);
  return [...counts]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([result, count]) => `${result} ×${count}`)
    .join(', ');
}
