import { cut, type Look, printable } from '@skald/command-line';
import { isSettled } from './ending.ts';
import { clockText, moneyText, paintStatus, spanText, statusText, stepText } from './format.ts';
import type { Order, Step } from './order.ts';
import { kindOf, paintKind } from './step-kind.ts';

/** A step of an order that was not told before. */
export interface Change {
  readonly order: Order;
  readonly step: Step;
  /** Whether it is the newest of those that came together: the order's state is told with it. */
  readonly isLast: boolean;
}

/**
 * What is new in an order since it was seen last. Of one that is seen for the first time, all is new if it was placed since
 * `since` (epoch ms); of an older one its newest step alone. Forgets an order of which nothing is to come.
 */
export function createChangeFinder(since: number): (order: Order) => readonly Change[] {
  const seen = new Map<string, ReadonlySet<string>>();
  return (order) => {
    const known = seen.get(order.orderId);
    const isOld = known === undefined && Date.parse(order.placedAt) < since;
    const fresh = isOld
      ? order.steps.slice(-1)
      : order.steps.filter((step) => known === undefined || !known.has(nameOf(step)));
    if (isSettled(order) && order.status === 'CONFIRMED') seen.delete(order.orderId);
    else seen.set(order.orderId, new Set(order.steps.map(nameOf)));
    return fresh.map((step, at) => ({ order, step, isLast: at === fresh.length - 1 }));
  };
}

const nameOf = ({ topic, sequence }: Step): string => `${topic}/${sequence}`;

/** Wide enough for the saga's longest event and step. */
const [EVENT, STEP, SPAN] = [25, 18, 8];
/** Ids of one moment begin alike: the end tells them apart. */
const SHORT_ID = 12;
const ID = 36;
/** Columns from which on there is room for whole ids. */
const WIDE = 140;
/** Columns from which on there is room for the step beside its event. */
const ROOMY = 100;
const GAP = '  ';

interface Cell {
  readonly text: string;
  readonly paint: (text: string) => string;
}

/** One line for people, no wider than the terminal. `withId`: whose it is. */
export function changeLine({ order, step, isLast }: Change, { paint, width }: Look, withId: boolean): string {
  const dim = (text: string) => paint('dim', text);
  const asItIs = (text: string) => text;
  const isNarrow = width !== undefined && width < WIDE;
  const id = isNarrow ? `…${order.orderId.slice(1 - SHORT_ID)}` : order.orderId.padEnd(ID);
  const cells: Cell[] = [
    { text: clockText(step.at), paint: dim },
    ...(withId ? [{ text: id, paint: asItIs }] : []),
    { text: step.event.padEnd(EVENT), paint: (text) => paintKind(kindOf(step), paint, text) },
    // The event says as much, where there is little room.
    ...(width !== undefined && width < ROOMY ? [] : [{ text: stepText(step).padEnd(STEP), paint: asItIs }]),
    { text: spanText(step.durationMs).padStart(SPAN), paint: dim },
    ...(isLast ? [{ text: stateText(order), paint: (text: string) => paintStatus(paint, text) }] : []),
  ];
  return fit(cells, width).join(GAP).trimEnd();
}

/** What there is room for; the last cell is cut to what is left. */
function fit(cells: readonly Cell[], width: number | undefined): string[] {
  let room = width ?? Number.POSITIVE_INFINITY;
  const fitting: string[] = [];
  for (const cell of cells) {
    if (room < 1) break;
    const text = printable(cell.text);
    const short = room === Number.POSITIVE_INFINITY ? text : cut(text, room);
    fitting.push(cell.paint(short));
    room -= Array.from(text).length + GAP.length;
  }
  return fitting;
}

function stateText(order: Order): string {
  const waits = order.waitsFor === null ? '' : `, waits for ${stepText(order.waitsFor)}`;
  return statusText(order) + waits;
}

/** The same for scripts. */
export const changeJson = ({ order, step }: Change) => ({
  orderId: order.orderId,
  version: order.version,
  status: order.status,
  reason: order.reason,
  waitsFor: order.waitsFor,
  ...step,
});

/** What an order came to, in one line. */
export const endLine = (order: Order, { paint }: Pick<Look, 'paint'>): string => {
  const took = Math.max(...order.steps.map(({ at }) => Date.parse(at))) - Date.parse(order.placedAt);
  return `${paintStatus(paint, printable(statusText(order)))} after ${spanText(took)}, ${moneyText(order.total)}`;
};
