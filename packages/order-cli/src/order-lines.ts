import { type Look, printable, tableOf } from '@skald/command-line';
import { clockText, moneyText, paintStatus, spanText, statusText, stepText, whereText } from './format.ts';
import type { Order } from './order.ts';
import { kindOf, paintKind } from './step-kind.ts';

/** All that is known of an order, for people. `now`: epoch ms. */
export function orderLines(order: Order, look: Look, now: number): string[] {
  const { paint } = look;
  const section = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : ['', paint('bold', title), ...lines.map((line) => `  ${line}`)];
  // A section is indented.
  const inner: Look = { paint, width: look.width === undefined ? undefined : look.width - 2 };
  return [
    ...factLines(order, look, now),
    ...section('lines', lineTable(order, inner)),
    ...section('steps', stepTable(order, inner)),
    ...section('mails', mailTable(order, inner)),
    ...section(
      'still to come',
      order.remaining.map((step) => printable(stepText(step))),
    ),
    ...waitLines(order, look, now),
  ];
}

function factLines(order: Order, { paint }: Look, now: number): string[] {
  const { payment, shipment, placedAt } = order;
  const facts: [string, string | undefined][] = [
    ['order', paint('bold', printable(order.orderId))],
    ['status', paintStatus(paint, printable(statusText(order)))],
    ['customer', printable(order.customerId)],
    ['placed', `${placedAt} (${spanText(Math.max(0, now - Date.parse(placedAt)))} ago)`],
    ['total', moneyText(order.total)],
    ['payment', payment === null ? undefined : paymentText(payment)],
    ['shipment', shipment === null ? undefined : shipmentText(shipment)],
  ];
  return facts.flatMap(([name, text]) =>
    text === undefined ? [] : [`${paint('dim', name.padEnd(8))}  ${text}`],
  );
}

const joined = (parts: readonly (string | null)[]): string =>
  parts
    .filter((part) => part !== null)
    .map(printable)
    .join(', ');

const paymentText = ({ state, amount, refunded, declineReason }: NonNullable<Order['payment']>): string =>
  joined([state, amount && moneyText(amount), refunded && `refunded ${moneyText(refunded)}`, declineReason]);

const shipmentText = (shipment: NonNullable<Order['shipment']>): string =>
  joined([
    shipment.state,
    shipment.carrier,
    shipment.trackingNumber,
    shipment.promisedDate && `promised for ${shipment.promisedDate}`,
    shipment.failure,
  ]);

const lineTable = ({ lines }: Order, look: Look): string[] =>
  tableOf(
    [
      { title: 'sku' },
      { title: 'product', gives: true },
      { title: 'pieces', isNumber: true },
      { title: 'each', isNumber: true },
      { title: 'reservation' },
    ],
    lines.map(({ sku, name, quantity, unitPrice, reservation, available }) => [
      sku,
      name,
      String(quantity),
      moneyText(unitPrice),
      available === null ? reservation : `${reservation}: ${available} there`,
    ]),
    look,
  );

function stepTable({ steps }: Order, look: Look): string[] {
  return tableOf(
    [
      { title: 'at' },
      { title: 'took', isNumber: true },
      { title: 'step' },
      { title: 'event', paint: paintEvent(steps) },
      { title: 'where', gives: true, paint: (cell, paint) => paint('dim', cell) },
    ],
    steps.map((step) => [
      clockText(step.at),
      spanText(step.durationMs),
      stepText(step),
      step.event,
      whereText(step),
    ]),
    look,
  );
}

/** By the event's name, which says what its step was. */
const paintEvent =
  (steps: Order['steps']) =>
  (cell: string, paint: Look['paint']): string => {
    const step = steps.find(({ event }) => event === cell);
    return step === undefined ? cell : paintKind(kindOf(step), paint, cell);
  };

function mailTable({ mails }: Order, look: Look): string[] {
  if (mails.length === 0) return [];
  const hasCauses = mails.some(({ cause }) => cause !== null);
  return tableOf(
    [
      { title: 'at' },
      { title: 'template' },
      { title: 'state' },
      ...(hasCauses ? [{ title: 'cause', gives: true }] : []),
    ],
    mails.map(({ at, template, state, cause }) => [
      clockText(at),
      template,
      state,
      ...(hasCauses ? [cause ?? ''] : []),
    ]),
    look,
  );
}

/** The step that it waits for, whose it is, and since when: since the last thing that happened. */
function waitLines({ waitsFor, updatedAt }: Order, { paint }: Look, now: number): string[] {
  if (waitsFor === null) return [];
  const since = spanText(Math.max(0, now - Date.parse(updatedAt)));
  return ['', paint('yellow', `Waits for ${printable(stepText(waitsFor))}, for ${since}`)];
}
