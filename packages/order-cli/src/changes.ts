import type { Look } from '@skald/command-line';
import { printable } from '@skald/command-line';
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

/** One line for people. `withId`: whose it is. */
export function changeLine({ order, step, isLast }: Change, { paint, width }: Look, withId: boolean): string {
  const isNarrow = width !== undefined && width < WIDE;
  const id = isNarrow ? `…${order.orderId.slice(1 - SHORT_ID)}` : order.orderId.padEnd(ID);
  const parts = [
    paint('dim', clockText(step.at)),
    ...(withId ? [printable(id)] : []),
    paintKind(kindOf(step), paint, printable(step.event).padEnd(EVENT)),
    printable(stepText(step)).padEnd(STEP),
    paint('dim', spanText(step.durationMs).padStart(SPAN)),
    ...(isLast ? [stateText(order, paint)] : []),
  ];
  return parts.join('  ').trimEnd();
}

function stateText(order: Order, paint: Look['paint']): string {
  const waits = order.waitsFor === null ? '' : `, waits for ${printable(stepText(order.waitsFor))}`;
  return paintStatus(paint, printable(statusText(order))) + paint('dim', waits);
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
