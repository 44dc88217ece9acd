import { randomUUID } from 'node:crypto';
import { CommandError, createProgressBar, printableJson, type Terminal, tableOf } from '@skald/command-line';
import { paintStatus, spanText, statusText } from './format.ts';
import type { PlaceOptions } from './options.ts';
import type { Order } from './order.ts';
import { tellingLosses } from './place.ts';
import type { Shop } from './shop.ts';

/** Requests at once: orders that come together share a commit. */
const AT_ONCE = 8;

/** What became of an order, and how long after it was asked for that was seen. */
interface End {
  readonly order: Order;
  readonly ms: number;
}

interface Burst {
  /** By id: when it was asked for, `performance.now()`. */
  readonly accepted: Map<string, number>;
  readonly ended: Map<string, End>;
  refused: number;
  firstRefusal: string | undefined;
}

/** Places many orders, each under a key of its own. Answers the exit code: 1 if any was refused, 3 if any ended CANCELLED. */
export async function placeMany(
  shop: Shop,
  { request, count = 1, wait }: PlaceOptions,
  { json, signal }: { readonly json: boolean; readonly signal: AbortSignal },
  terminal: Terminal,
): Promise<number> {
  const burst: Burst = { accepted: new Map(), ended: new Map(), refused: 0, firstRefusal: undefined };
  const from = wait ? await shop.position() : '';
  const startedAt = performance.now();
  const progress = createProgressBar(terminal, count);
  const told = printer(terminal, json);
  let left = count;
  const worker = async () => {
    while (left > 0 && !signal.aborted) {
      left -= 1;
      const askedAt = performance.now();
      try {
        const accepted = await shop.place(request, randomUUID());
        burst.accepted.set(accepted.orderId, askedAt);
        if (!wait) told(accepted.orderId, accepted);
      } catch (error) {
        if (signal.aborted || !(error instanceof CommandError)) throw error;
        burst.refused += 1;
        burst.firstRefusal ??= error.message;
      }
      progress.at(burst.accepted.size + burst.refused, burst.refused);
    }
  };
  const placing = Promise.all(Array.from({ length: Math.min(AT_ONCE, count) }, worker));
  try {
    await (wait
      ? Promise.all([placing, awaitEnds(shop, burst, { from, placing, terminal, told })])
      : placing);
    signal.throwIfAborted();
  } finally {
    // Also of what was done before it was interrupted.
    for (const line of summaryLines(burst, performance.now() - startedAt, terminal)) terminal.say(line);
  }
  if (burst.refused > 0) return 1;
  return [...burst.ended.values()].some(({ order }) => order.status === 'CANCELLED') ? 3 : 0;
}

/** An id a line, or JSON; on a terminal, where a thousand ids say nothing, the summary alone. */
const printer =
  (terminal: Terminal, json: boolean) =>
  (orderId: string, whole: unknown): void => {
    if (json) terminal.print(printableJson(whole));
    else if (terminal.width === undefined) terminal.print(orderId);
  };

/** Until each order that was accepted has ended. */
async function awaitEnds(
  shop: Shop,
  { accepted, ended }: Burst,
  options: {
    readonly from: string;
    readonly placing: Promise<unknown>;
    readonly terminal: Terminal;
    readonly told: (orderId: string, whole: unknown) => void;
  },
): Promise<void> {
  const { terminal, told } = options;
  /** An order's end may be seen before the answer to its POST. */
  const unclaimed = new Map<string, { order: Order; at: number }>();
  let isPlaced = false;
  const take = (order: Order, at: number) => {
    const askedAt = accepted.get(order.orderId);
    if (askedAt === undefined || ended.has(order.orderId)) return;
    const ms = Math.round(at - askedAt);
    ended.set(order.orderId, { order, ms });
    told(order.orderId, { orderId: order.orderId, status: order.status, reason: order.reason, ms });
  };
  const isDone = () => isPlaced && ended.size === accepted.size;
  const orders = shop.follow({ from: options.from, ...tellingLosses(terminal) });
  const placed = options.placing.then(() => {
    isPlaced = true;
    for (const { order, at } of unclaimed.values()) take(order, at);
    return undefined;
  });
  try {
    for (let next = orders.next(); ; ) {
      const found = await Promise.race(isPlaced ? [next] : [next, placed]);
      if (isDone()) {
        next.catch(() => undefined);
        return;
      }
      if (found === undefined) continue;
      const order: Order = found.value;
      if (order.status !== 'PENDING') {
        if (!isPlaced) unclaimed.set(order.orderId, { order, at: performance.now() });
        take(order, performance.now());
        if (isPlaced) terminal.show(`${ended.size} of ${accepted.size} have ended`);
      }
      if (isDone()) return;
      next = orders.next();
    }
  } finally {
    void orders.return(undefined as never).catch(() => undefined);
  }
}

/** How many of which end, and how long that took. */
export function summaryLines(
  { accepted, ended, refused, firstRefusal }: Burst,
  ms: number,
  terminal: Pick<Terminal, 'width' | 'paint'>,
): string[] {
  const { paint } = terminal;
  const rate = ms > 0 ? `, ${((accepted.size * 1_000) / ms).toFixed(1)}/s` : '';
  const groups = new Map<string, End[]>();
  for (const end of ended.values()) {
    const name = statusText(end.order);
    groups.set(name, [...(groups.get(name) ?? []), end]);
  }
  const rows = [...groups].map(([name, ends]) => {
    const times = ends.map((end) => end.ms).sort((a, b) => a - b);
    return [name, String(ends.length), spanText(rankOf(times, 0.5)), spanText(rankOf(times, 0.99))];
  });
  return [
    `${accepted.size} placed in ${spanText(ms)}${rate}`,
    ...(refused === 0 ? [] : [paint('red', `${refused} refused, the first: ${firstRefusal}`)]),
    ...(rows.length === 0
      ? []
      : tableOf(
          [
            { title: 'end', paint: (cell) => paintStatus(paint, cell) },
            { title: 'orders', isNumber: true },
            { title: 'p50', isNumber: true },
            { title: 'p99', isNumber: true },
          ],
          rows,
          terminal,
        )),
  ];
}

const rankOf = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0;
