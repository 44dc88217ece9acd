import type { LogReader } from './log.ts';
import { orderTopics } from './log.ts';
import { createOrderRecord, type OrderRecord, type RecordedEvent } from './recorded-event.ts';

/** All that the topics tell of an order; undefined where they have never heard of it. */
export async function readOrder(reader: LogReader, orderId: string): Promise<OrderRecord | undefined> {
  const events: RecordedEvent[] = [];
  await reader.stream(orderTopics, {
    wants: (key) => key === orderId,
    take: (event) => void events.push(event),
  });
  return events.length === 0 ? undefined : createOrderRecord(orderId, events);
}
