import { isDeepStrictEqual } from 'node:util';
import { topicOf } from '@skald/contracts';
import { evolve, initialState, type Order, type OrderEvent } from '@skald/order/simulation';
import { createFold, type Folded } from './fold.ts';
import type { LogReader } from './log.ts';
import type { OrderDatabase, StoredOrder } from './order-database.ts';
import { bucketOf, createRollCall } from './roll-call.ts';

/** What the order service's database and orders.events don't agree about. */
export interface Disagreement {
  readonly orderId: string;
  readonly says: string;
}

/** As `--verify --json` prints it. */
export interface Verification {
  readonly verdict: 'same' | 'different';
  readonly orders: number;
  readonly events: number;
  /** Of the orders: those that hadn't ended when they were read. */
  readonly open: number;
  /** Of the orders: those that had moved on when the database was asked, and were compared as they had been. */
  readonly movedOn: number;
  readonly disagreements: readonly Disagreement[];
  readonly durationMs: number;
}

export interface VerifyOptions {
  /** Called often. */
  onProgress?(says: string): void;
  /** Epoch ms: orders that were placed later may not be published yet. Default: ten seconds ago. */
  readonly placedBefore?: number;
}

/** Orders that are compared by one question. */
const PORTION = 500;
const GRACE_MS = 10_000;
/** How often the topic is asked for an order that the database alone seems to have. */
const LOOKS = 3;
const topic = topicOf('OrderCreated');

/**
 * Folds all of orders.events, and compares each order with what the order service has: its events up to the sequence that
 * was read, the state that follows from them, and its row. Holds no order that has ended, however long the log is.
 * Throws LogAway, WitnessAway and DatabaseAway.
 */
export async function verify(
  reader: LogReader,
  database: OrderDatabase,
  { onProgress = () => {}, placedBefore = Date.now() - GRACE_MS }: VerifyOptions = {},
): Promise<Verification> {
  const startedAt = performance.now();
  const disagreements: Disagreement[] = [];
  const differ = (orderId: string, says: string) => void disagreements.push({ orderId, says });
  const called = createRollCall();
  const fold = createFold();
  const ended: Folded[] = [];
  const counts = { orders: 0, events: 0, movedOn: 0 };

  const compare = async (portion: readonly Folded[]) => {
    if (portion.length === 0) return;
    const stored = await database.ordersOf(portion.map(({ orderId }) => orderId));
    for (const folded of portion) {
      const found = stored.get(folded.orderId);
      if (found !== undefined && found.events.length > folded.order.version) counts.movedOn += 1;
      for (const says of differences(folded, found)) differ(folded.orderId, says);
    }
  };

  await reader.stream([topic], {
    refuse: ({ partition, offset, key, flaw }) => differ(key, `${topic}/${partition}@${offset}: ${flaw}`),
    async take(event) {
      counts.events += 1;
      const { folded, flaw } = fold.take(event);
      if (flaw !== undefined) differ(event.key, flaw);
      if (folded === undefined) return;
      if (folded.order.version === 1) {
        counts.orders += 1;
        if (createdAt(folded) < placedBefore) called.add(folded.orderId);
      }
      if (folded.order.status === 'pending') return;
      ended.push(folded);
      if (ended.length === PORTION) await compare(ended.splice(0));
    },
  });
  await compare(ended.splice(0));
  const open = [...fold.open.values()];
  for (let at = 0; at < open.length; at += PORTION) await compare(open.slice(at, at + PORTION));

  onProgress(`${counts.orders} orders folded; those of the database`);
  const stored = createRollCall();
  await database.eachOrder(placedBefore, (id) => stored.add(id));
  for (const id of await onlyStored(reader, database, called.differingFrom(stored), placedBefore))
    differ(id, `it is in the database, but not on ${topic}`);

  const verdict = disagreements.length === 0 ? 'same' : 'different';
  const durationMs = Math.round(performance.now() - startedAt);
  return { verdict, ...counts, open: open.length, disagreements, durationMs };
}

const createdAt = ({ order }: Folded): number => (order.status === 'none' ? 0 : order.created.createdAt);

/** What the database has and the topic hasn't, of these buckets, asked again in case the topic was about to get it. */
async function onlyStored(
  reader: LogReader,
  database: OrderDatabase,
  buckets: ReadonlySet<string>,
  placedBefore: number,
): Promise<string[]> {
  const missing = new Set<string>();
  if (buckets.size === 0) return [];
  await database.eachOrder(placedBefore, (id) => {
    if (buckets.has(bucketOf(id))) missing.add(id);
  });
  for (let look = 1; look <= LOOKS && missing.size > 0; look += 1) {
    await reader.stream([topic], {
      wants: (key) => missing.has(key),
      take: (event) => void missing.delete(event.key),
    });
  }
  return [...missing];
}

const statusNames = { pending: 'PENDING', confirmed: 'CONFIRMED', cancelled: 'CANCELLED' } as const;

/** As of the sequence that was read: what the database knows beyond it is news. */
export function differences({ order, events }: Folded, stored: StoredOrder | undefined): string[] {
  if (stored === undefined) return [`it is on ${topic}, but not in the database`];
  const says: string[] = [];
  events.forEach((event, index) => {
    const other = stored.events[index];
    const at = `version ${index + 1}`;
    if (other === undefined) says.push(`${at}: ${event.name} on ${topic}, nothing in the database`);
    else if (other.name !== event.name)
      says.push(`${at}: ${event.name} on ${topic}, ${other.name} in the database`);
    else if (!isDeepStrictEqual(json(other.data), json(event.data)))
      says.push(`${at}: ${event.name} on ${topic} and in the database hold different data`);
  });
  if (says.length > 0 || order.status === 'none') return says;
  return rowDifferences(foldAll(stored.events, order), stored.row);
}

/** The row belongs to all that the database has. */
function foldAll(events: readonly OrderEvent[], upTo: Order): Order | { readonly flaw: string } {
  if (events.length === upTo.version) return upTo;
  try {
    return events.reduce(evolve, initialState);
  } catch (error) {
    return { flaw: error instanceof Error ? error.message : String(error) };
  }
}

function rowDifferences(order: Order | { readonly flaw: string }, row: StoredOrder['row']): string[] {
  if ('flaw' in order) return [`its events in the database can't be folded: ${order.flaw}`];
  if (row === undefined) return ['it has no row in orders'];
  if (order.status === 'none') return [];
  const { customerId, total } = order.created;
  const expected = {
    customerId,
    status: statusNames[order.status],
    reason: order.status === 'cancelled' ? order.reason : null,
    totalAmount: total.amount,
    currency: total.currency,
    version: order.version,
  };
  return Object.entries(expected)
    .filter(([name, value]) => row[name as keyof typeof row] !== value)
    .map(([name, value]) => `${name}: ${value} by its events, ${row[name as keyof typeof row]} in orders`);
}

const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
