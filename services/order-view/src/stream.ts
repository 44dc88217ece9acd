import { TransientError } from '@skald/messaging';
import { describeOrder } from './answer.ts';
import { type Feed, positionsText } from './feed.ts';
import type { Change, Positions } from './order-store.ts';

export interface StreamOptions {
  readonly feed: Feed;
  /** Where the reader stands. */
  readonly from: Positions;
  /** Changes of this order alone. */
  readonly orderId?: string | undefined;
  readonly signal: AbortSignal;
  readonly heartbeatMs: number;
}

/** A reader that takes part in every change would be sent nothing else: changes gather for so long, ms. */
const GATHER_MS = 50;
/** After which a browser that has lost its connection asks again, ms. */
const RETRY_MS = 1_000;

/**
 * Changes as server-sent events, each with the position behind it as its id. Nothing waits in memory for a reader: who is
 * slow is told the newest state of what has changed meanwhile.
 */
export async function* createStream(options: StreamOptions): AsyncGenerator<string> {
  const { feed, orderId, signal, heartbeatMs } = options;
  const at = new Map(options.from);
  let sentAt = Date.now();
  yield `retry: ${RETRY_MS}\nid: ${positionsText(at)}\n\n`;
  while (!signal.aborted) {
    const silentFor = Date.now() - sentAt;
    const listener = feed.listen(Math.max(1, heartbeatMs - silentFor), orderId);
    try {
      const changes = await lookAt(feed, at);
      const text = tell(changes, at, orderId);
      if (text !== '') {
        yield text;
        sentAt = Date.now();
      } else if (changes.length === 0) {
        await Promise.race([listener.changed, aborted(signal)]);
        // Those that came together are told together.
        await Promise.race([pauseFor(GATHER_MS), aborted(signal)]);
      }
    } finally {
      listener.close();
    }
    if (Date.now() - sentAt >= heartbeatMs) {
      yield ': still here\n\n';
      sentAt = Date.now();
    }
  }
}

/** A store that is away has nothing to tell: the reader waits. */
async function lookAt(feed: Feed, at: Positions): Promise<readonly Change[]> {
  try {
    return await feed.look(at);
  } catch (error) {
    if (error instanceof TransientError) return [];
    throw error;
  }
}

/** Moves on behind the changes, and says what of them is asked for. */
function tell(changes: readonly Change[], at: Map<number, number>, orderId: string | undefined): string {
  let text = '';
  for (const { partition, offset, model } of changes) {
    at.set(partition, Math.max(at.get(partition) ?? 0, offset + 1));
    if (orderId !== undefined && model.orderId !== orderId) continue;
    text += `event: order\nid: ${positionsText(at)}\ndata: ${JSON.stringify(describeOrder(model))}\n\n`;
  }
  return text;
}

const pauseFor = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
