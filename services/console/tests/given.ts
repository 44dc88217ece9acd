import type { RingEntry } from '../src/event-ring.ts';

/** An event at an offset of one partition. */
export const entry = (
  offset: number,
  { key = 'an-order', bytes = 0 }: { key?: string; bytes?: number } = {},
): RingEntry => ({
  event: {
    topic: 'orders.events',
    partition: 0,
    offset,
    key,
    event: 'OrderCreated',
    service: 'order',
    sequence: offset,
    at: 1,
    recordedAt: 2,
    id: null,
    causationId: null,
    traceId: null,
  },
  value: bytes === 0 ? null : Buffer.alloc(bytes),
});
