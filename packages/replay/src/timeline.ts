import { readersOf, type ServiceName, topics } from '@skald/contracts';
import type { OrderRecord, RecordedEvent } from './recorded-event.ts';

/** When what was recorded happened. Epoch ms. */
export interface Timeline {
  /** Causes before what follows from them, whatever the services' clocks say. */
  readonly events: readonly RecordedEvent[];
  /** When it was decided. */
  saidAt(event: RecordedEvent): number;
  /** When a service took it in: exactly known where something was published because of it. */
  readAt(event: RecordedEvent, service: ServiceName): number;
}

/**
 * Which of two topics a service had read further isn't recorded. What it published says it often: an event names the one
 * that it follows from, and is dated by the transaction that took that in. Else it is taken in as soon as it is there.
 */
export function createTimeline({ events }: OrderRecord): Timeline {
  const byId = new Map(events.map((event) => [event.id, event]));
  const moments = new Map<string, Moment>();
  const momentOf = (event: RecordedEvent): Moment => {
    const known = moments.get(event.id);
    if (known !== undefined) return known;
    // First, against forged ids that lead in a circle.
    moments.set(event.id, { at: event.time, depth: 0 });
    const cause = byId.get(event.causationId);
    const before = cause === undefined ? { at: event.time, depth: 0 } : momentOf(cause);
    const moment = { at: Math.max(event.time, before.at), depth: before.depth + 1 };
    moments.set(event.id, moment);
    return moment;
  };
  const saidAt = (event: RecordedEvent): number => momentOf(event).at;
  const answered = new Map<string, number>();
  for (const event of events) {
    const answer = `${event.causationId} ${topics[event.topic].writer}`;
    answered.set(answer, Math.min(answered.get(answer) ?? Number.POSITIVE_INFINITY, saidAt(event)));
  }
  const readAt: Timeline['readAt'] = (event, service) =>
    answered.get(`${event.id} ${service}`) ?? Math.max(saidAt(event), event.timestamp);
  // As a partition is read: none before the one that it comes behind.
  const inOrder = new Map<string, number>();
  const read = new Map<string, number>();
  const sorted = [...events].sort(
    (a, b) => saidAt(a) - saidAt(b) || momentOf(a).depth - momentOf(b).depth || a.sequence - b.sequence,
  );
  for (const event of sorted) {
    for (const service of readersOf(event.topic)) {
      const queue = `${event.topic} ${service}`;
      const at = Math.max(readAt(event, service), inOrder.get(queue) ?? 0);
      inOrder.set(queue, at);
      read.set(`${event.id} ${service}`, at);
    }
  }
  return {
    events: sorted,
    saidAt,
    readAt: (event, service) => read.get(`${event.id} ${service}`) ?? readAt(event, service),
  };
}

/** `depth`: how many causes lie before it, so that those of one millisecond have an order. */
interface Moment {
  readonly at: number;
  readonly depth: number;
}
