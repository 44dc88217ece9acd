import { setTimeout as sleep } from 'node:timers/promises';
import { now } from './load-run.ts';
import { bodyOf } from './orders.ts';
import { type Percentiles, Samples } from './samples.ts';
import { createSchedule } from './schedule.ts';
import { createSender } from './sender.ts';
import { type EventReader, readEvents, type ServerSentEvent } from './sse.ts';

/** How long it takes until an order that was sent is seen. */
export interface Visibility {
  /** POST /orders → 202, ms. */
  readonly accepted: Percentiles;
  /** POST /orders → OrderCreated in the console's `GET /api/events`, ms. */
  readonly inConsole: Percentiles;
  /** POST /orders → the order in order-view's `GET /orders/stream`, ms: from then on its searches find it, too. */
  readonly inOrderView: Percentiles;
  /** Orders that were not accepted. */
  readonly refused: number;
  /** Orders that were accepted, and not seen within the time for stragglers. */
  readonly unseen: number;
}

export interface VisibilityPlan {
  readonly orders: number;
  /** A second. */
  readonly rate: number;
  /** Orders before those that count, at the same rate. */
  readonly warmUp: number;
}

export interface VisibilityTarget {
  readonly order: string;
  readonly console: string;
  readonly orderView: string;
}

/** For stragglers, ms. */
const PATIENCE_MS = 60_000;

/** All times count from when an order should have been sent, so that a stall shows in full. */
export async function measureVisibility(
  target: VisibilityTarget,
  { orders, rate, warmUp }: VisibilityPlan,
  onProgress: (sent: number) => void,
): Promise<Visibility> {
  const inConsole = new Map<string, number>();
  const inOrderView = new Map<string, number>();
  const readers: EventReader[] = await Promise.all([
    readEvents(`${target.console}/api/events`, (event) => noteConsole(event, inConsole)),
    readEvents(`${target.orderView}/orders/stream`, (event) => noteOrderView(event, inOrderView)),
  ]);
  const sender = createSender(target.order);
  const intended = new Map<string, number>();
  const accepted = new Samples();
  const total = warmUp + orders;
  let answered = 0;
  let refused = 0;

  try {
    const schedule = createSchedule(rate, total / rate, now() + 100);
    for (let sent = 0; sent < total; sent += 1) {
      const intendedAt = schedule.intendedAt(sent);
      const early = intendedAt - now();
      if (early > 0) await sleep(early);
      const isMeasured = sent >= warmUp;
      sender.post(bodyOf(sent), ({ orderId }) => {
        answered += 1;
        if (!isMeasured) return;
        if (orderId === undefined) refused += 1;
        else intended.set(orderId, intendedAt);
        if (orderId !== undefined) accepted.add(now() - intendedAt);
      });
      onProgress(sent + 1);
    }
    const isSeen = () =>
      answered === total && [...intended.keys()].every((id) => inConsole.has(id) && inOrderView.has(id));
    const until = now() + PATIENCE_MS;
    while (!isSeen() && now() < until) await Promise.race([sleep(100), ...readers.map(({ ended }) => ended)]);
  } finally {
    for (const reader of readers) reader.close();
    await sender.close();
  }
  return {
    accepted: accepted.percentiles(),
    inConsole: between(intended, inConsole).percentiles(),
    inOrderView: between(intended, inOrderView).percentiles(),
    refused,
    unseen: [...intended.keys()].filter((id) => !inConsole.has(id) || !inOrderView.has(id)).length,
  };
}

function noteConsole({ name, data }: ServerSentEvent, seen: Map<string, number>): void {
  if (name !== 'events') return;
  const at = now();
  for (const { event, key } of JSON.parse(data) as { event: string; key: string }[]) {
    if (event === 'OrderCreated' && !seen.has(key)) seen.set(key, at);
  }
}

function noteOrderView({ name, data }: ServerSentEvent, seen: Map<string, number>): void {
  if (name !== 'order') return;
  const { orderId } = JSON.parse(data) as { orderId: string };
  if (!seen.has(orderId)) seen.set(orderId, now());
}

function between(from: ReadonlyMap<string, number>, to: ReadonlyMap<string, number>): Samples {
  const samples = new Samples();
  for (const [orderId, at] of from) {
    const seenAt = to.get(orderId);
    if (seenAt !== undefined) samples.add(seenAt - at);
  }
  return samples;
}
