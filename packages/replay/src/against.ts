import type { OrderAnswer } from './answer.ts';
import { type Checkout, CheckoutFailed, openCheckout } from './checkout.ts';
import { compareAnswers, isAsRecorded, type OrderDifference } from './difference.ts';
import type { OrderRecord } from './recorded-event.ts';
import { createScratch } from './scratch.ts';

/** As `--against … --json` prints it. */
export interface Comparison {
  readonly verdict: 'same' | 'different';
  readonly orders: number;
  /** Of the orders: those of which this checkout says other events than were recorded. */
  readonly otherThanRecorded: readonly string[];
  /** Of the orders: those with a call whose end the record doesn't tell, so that they stop there. */
  readonly unanswered: readonly string[];
  readonly differing: readonly OrderDifference[];
  readonly durationMs: number;
}

export interface CompareOptions {
  readonly here: string;
  readonly there: string;
  /** A Postgres whose role may create databases; undefined: one is started. */
  readonly scratch: string | undefined;
  onProgress?(says: string): void;
  /** Ends it in the middle, and leaves nothing behind. */
  readonly signal?: AbortSignal;
}

/**
 * Runs the same orders through the handlers of two checkouts, each in processes and databases of its own, and says where
 * they part. Throws CheckoutFailed, DatabaseAway, and what the signal is aborted with.
 */
export async function compare(
  orders: readonly OrderRecord[],
  { here, there, scratch: given, onProgress = () => {}, signal }: CompareOptions,
): Promise<Comparison> {
  const startedAt = performance.now();
  onProgress('databases to replay in');
  const scratch = await createScratch(given);
  const checkouts: Checkout[] = [];
  const stop = () => Promise.all(checkouts.map((checkout) => checkout.stop()));
  const abort = () => void stop();
  signal?.addEventListener('abort', abort);
  try {
    signal?.throwIfAborted();
    const ours = openCheckout(here, scratch.templates.here);
    const theirs = openCheckout(there, scratch.templates.there);
    checkouts.push(ours, theirs);
    const found = await comparePairs(orders, ours.answers(orders), theirs.answers(orders), onProgress);
    return { ...found, durationMs: Math.round(performance.now() - startedAt) };
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
    await stop();
    await scratch.drop();
  }
}

async function comparePairs(
  orders: readonly OrderRecord[],
  ours: AsyncGenerator<OrderAnswer, void>,
  theirs: AsyncGenerator<OrderAnswer, void>,
  onProgress: (says: string) => void,
): Promise<Omit<Comparison, 'durationMs'>> {
  const differing: OrderDifference[] = [];
  const otherThanRecorded: string[] = [];
  const unanswered: string[] = [];
  for (const [index, record] of orders.entries()) {
    const { orderId } = record;
    const [here, there] = await Promise.all([nextOf(ours), nextOf(theirs)]);
    if (here?.orderId !== orderId || there?.orderId !== orderId)
      throw new CheckoutFailed(`the handlers answered of another order than ${orderId}`);
    const differences = compareAnswers(here, there);
    if (differences.length > 0) differing.push({ orderId, differences });
    if (!isAsRecorded(record, here)) otherThanRecorded.push(orderId);
    if (hasOpenEffect(here) || hasOpenEffect(there)) unanswered.push(orderId);
    onProgress(`${index + 1} of ${orders.length} orders, ${differing.length} differ`);
  }
  // To their ends, which say how they ended.
  await Promise.all([ours.next(), theirs.next()]);
  const verdict = differing.length === 0 ? 'same' : 'different';
  return { verdict, orders: orders.length, otherThanRecorded, unanswered, differing };
}

const nextOf = async (answers: AsyncGenerator<OrderAnswer, void>): Promise<OrderAnswer | undefined> =>
  (await answers.next()).value ?? undefined;

const hasOpenEffect = ({ effects }: OrderAnswer): boolean => effects.some(({ answered }) => !answered);
