import { signal } from '@preact/signals';
import { ApiProblem } from './api.ts';
import { type OrderRequest, placeOrder } from './basket.ts';
import { onEvents } from './live.ts';

/** How far a burst of orders has come. */
export interface Burst {
  readonly size: number;
  readonly accepted: number;
  readonly refused: number;
  readonly confirmed: number;
  readonly cancelled: number;
  readonly startedAt: number;
  /** Once each has come to its end. */
  readonly endedAt: number | undefined;
  readonly isStopped: boolean;
  readonly problem: unknown;
}

export const burst = signal<Burst | undefined>(undefined);

/** Requests at once: a browser has six connections to one host, and the events need one. */
const AT_ONCE = 4;
const MAX_TRIES = 20;

let stop = new AbortController();

export const stopBurst = (): void => stop.abort();

/** Places as many orders as asked for, the same each time but for its key; whoever is told to wait waits. */
export async function placeBurst(size: number, request: OrderRequest): Promise<void> {
  stop.abort();
  stop = new AbortController();
  const { signal: stopped } = stop;
  const own = new Set<string>();
  const ended = new Map<string, 'confirmed' | 'cancelled'>();
  let left = size;
  let [accepted, refused] = [0, 0];
  let problem: unknown;
  const startedAt = Date.now();

  const show = () => {
    if (stop.signal !== stopped) return;
    const ends = [...own].flatMap((orderId) => ended.get(orderId) ?? []);
    const isOver =
      (left === 0 || stopped.aborted) && ends.length === accepted && accepted + refused >= size - left;
    burst.value = {
      size,
      accepted,
      refused,
      startedAt,
      problem,
      confirmed: ends.filter((end) => end === 'confirmed').length,
      cancelled: ends.filter((end) => end === 'cancelled').length,
      isStopped: stopped.aborted,
      endedAt: isOver ? (burst.value?.endedAt ?? Date.now()) : undefined,
    };
    if (isOver) forget();
  };
  // An order's end may be heard of before the answer to its POST.
  const forget = onEvents((events) => {
    for (const { key, event } of events) {
      if (event === 'OrderConfirmed') ended.set(key, 'confirmed');
      if (event === 'OrderCancelled') ended.set(key, 'cancelled');
    }
    show();
  });
  burst.value = undefined;
  show();

  const placeOne = async () => {
    const key = crypto.randomUUID();
    for (let attempt = 1; ; attempt += 1) {
      try {
        own.add(await placeOrder(request, key));
        accepted += 1;
        return;
      } catch (error) {
        const wait = error instanceof ApiProblem ? error.retryAfter : undefined;
        if (wait === undefined || attempt >= MAX_TRIES || stopped.aborted) {
          refused += 1;
          problem = error;
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, wait * 1_000));
      }
    }
  };
  const worker = async () => {
    while (left > 0 && !stopped.aborted) {
      left -= 1;
      await placeOne();
      show();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  show();
}
