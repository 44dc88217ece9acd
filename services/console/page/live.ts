import { signal } from '@preact/signals';
import type { ServiceName, TopicName } from '@skald/contracts';
import { loadSession } from './session.ts';

/** An event as the console tells of it. */
export interface LiveEvent {
  readonly topic: TopicName;
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly event: string;
  readonly service: ServiceName;
  readonly sequence: number | null;
  readonly at: number;
  readonly recordedAt: number;
  readonly id: string | null;
  readonly causationId: string | null;
  readonly traceId: string | null;
}

export const connection = signal<'connecting' | 'live' | 'away'>('connecting');
/** Rises with each batch of events. */
export const changes = signal(0);
/** Rises when events were missed: what is shown must be read anew. */
export const resets = signal(0);
/** Events of the last seconds. */
export const rate = signal(0);

/** Orders whose events are remembered: the newest. */
const MAX_ORDERS = 3_000;
const RETRY_MS = 1_000;
const RATE_MS = 3_000;

const byOrder = new Map<string, LiveEvent[]>();
const listeners = new Set<(events: readonly LiveEvent[]) => void>();
let recent: { at: number; count: number }[] = [];

export const eventsOf = (orderId: string): readonly LiveEvent[] => byOrder.get(orderId) ?? [];

export function onEvents(listener: (events: readonly LiveEvent[]) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Takes events in, whoever told of them; what is known already changes nothing. */
export function remember(events: readonly LiveEvent[]): void {
  for (const event of events) {
    const known = byOrder.get(event.key) ?? [];
    if (
      known.some(
        ({ topic, offset, partition }) =>
          topic === event.topic && offset === event.offset && partition === event.partition,
      )
    )
      continue;
    // Put at the end again: the order that was heard of last is forgotten last.
    byOrder.delete(event.key);
    byOrder.set(event.key, [...known, event]);
  }
  for (const orderId of byOrder.keys()) {
    if (byOrder.size <= MAX_ORDERS) break;
    byOrder.delete(orderId);
  }
  changes.value += 1;
}

let source: EventSource | undefined;
let lastEventId = '';

/** A browser reconnects by itself when the line breaks, and gives up when it is refused: then we do. */
export function connectLive(): void {
  const place = lastEventId === '' ? '' : `?lastEventId=${encodeURIComponent(lastEventId)}`;
  const opened = new EventSource(`/api/events${place}`);
  source = opened;
  const on = (name: string, take: (message: MessageEvent<string>) => void) =>
    opened.addEventListener(name, (message) => {
      const told = message as MessageEvent<string>;
      if (told.lastEventId !== '') lastEventId = told.lastEventId;
      take(told);
    });
  on('open', () => undefined);
  on('events', ({ data }) => take(JSON.parse(data) as LiveEvent[]));
  on('reset', () => {
    byOrder.clear();
    changes.value += 1;
    resets.value += 1;
  });
  opened.onopen = () => {
    if (connection.value === 'away') void loadSession();
    connection.value = 'live';
  };
  opened.onerror = () => {
    connection.value = 'away';
    if (opened.readyState !== EventSource.CLOSED || source !== opened) return;
    setTimeout(connectLive, RETRY_MS);
  };
}

function take(events: readonly LiveEvent[]): void {
  remember(events);
  recent.push({ at: Date.now(), count: events.length });
  for (const listener of listeners) listener(events);
}

setInterval(() => {
  const since = Date.now() - RATE_MS;
  recent = recent.filter(({ at }) => at > since);
  rate.value = recent.reduce((sum, { count }) => sum + count, 0) / (RATE_MS / 1_000);
}, 1_000);
