import { type Look, printable, tableOf } from '@skald/command-line';
import { clockText, paintStatus, spanText, statusText, stepText, whereText } from './format.ts';
import { type Cause, journeyOf } from './journey.ts';
import type { Order } from './order.ts';
import { type Kind, paintKind } from './step-kind.ts';

/** Where the order's spans are. */
export interface TraceLink {
  readonly traceId: string | undefined;
  readonly correlationId: string | undefined;
  readonly url: string | undefined;
  /** Why nothing is known of it. */
  readonly missing: string | undefined;
}

interface Row {
  readonly cells: readonly string[];
  readonly kind: Kind;
}

/** The journey by cause: under each event those that it called for. `now`: epoch ms. */
export function traceLines(order: Order, link: TraceLink, look: Look, now: number): string[] {
  const { paint } = look;
  const rows = journeyOf(order).flatMap((cause) => rowsOf(cause, '', ''));
  const waits = order.waitsFor;
  return [
    `${paint('bold', printable(order.orderId))}  ${paintStatus(paint, printable(statusText(order)))}`,
    ...linkLines(link, look),
    '',
    ...tableOf(
      [
        { title: 'at', paint: (cell) => paint('dim', cell) },
        { title: 'took', isNumber: true },
        { title: 'event', paint: paintEvent(rows) },
        { title: 'step' },
        { title: 'where', gives: true, paint: (cell) => paint('dim', cell) },
      ],
      rows.map(({ cells }) => cells),
      look,
    ),
    ...(order.remaining.length === 0
      ? []
      : ['', `Still to come: ${order.remaining.map((step) => printable(stepText(step))).join(' · ')}`]),
    ...(waits === null
      ? []
      : [
          paint(
            'yellow',
            `Waits for ${printable(stepText(waits))}, for ${spanText(Math.max(0, now - Date.parse(order.updatedAt)))}`,
          ),
        ]),
  ];
}

/** `before`: what stands before its own line; `under`: before those of what follows from it. */
function rowsOf(cause: Cause, before: string, under: string): Row[] {
  const { step, kind, effects, template, askedBy } = cause;
  const beside = cause.with.length === 0 ? '' : ` (with ${cause.with.join(', ')})`;
  const what = template === undefined ? step.event : `${step.event} ${template}`;
  const cells = [
    clockText(step.at),
    spanText(step.durationMs),
    before + what + beside + (askedBy === undefined ? '' : ` (asked for by ${askedBy})`),
    stepText(step),
    whereText(step),
  ];
  const rows = effects.flatMap((effect, at) => {
    const isLast = at === effects.length - 1;
    return rowsOf(effect, `${under}${isLast ? '└─' : '├─'} `, `${under}${isLast ? '  ' : '│ '} `);
  });
  return [{ cells, kind }, ...rows];
}

const paintEvent =
  (rows: readonly Row[]) =>
  (cell: string, paint: Look['paint']): string => {
    const row = rows.find(({ cells }) => cells[2] === cell);
    return row === undefined ? cell : paintKind(row.kind, paint, cell);
  };

function linkLines({ traceId, correlationId, url, missing }: TraceLink, { paint }: Look): string[] {
  const facts: [string, string | undefined][] = [
    ['trace', traceId],
    ['link', url],
    ['correlation', correlationId],
  ];
  return [
    ...facts.flatMap(([name, text]) =>
      text === undefined ? [] : [`${paint('dim', name.padEnd(11))}  ${printable(text)}`],
    ),
    ...(missing === undefined ? [] : [paint('dim', `No trace id: ${printable(missing)}`)]),
  ];
}

/** The same for scripts: events in the order of time, `causes` are places in that list. */
export function traceJson(order: Order, { traceId, correlationId, url }: TraceLink) {
  const { orderId, status, reason, version, steps, remaining, waitsFor } = order;
  const causes = new Map<Order['steps'][number], readonly number[]>();
  const visit = (cause: Cause, parent: number | undefined) => {
    const others = cause.with.map((event) => steps.findIndex((step) => step.event === event));
    causes.set(cause.step, parent === undefined ? [] : [parent, ...others]);
    for (const effect of cause.effects) visit(effect, steps.indexOf(cause.step));
  };
  for (const root of journeyOf(order)) visit(root, undefined);
  return {
    orderId,
    status,
    reason,
    version,
    traceId: traceId ?? null,
    traceUrl: url ?? null,
    correlationId: correlationId ?? null,
    events: steps.map((step) => ({ ...step, causes: causes.get(step) ?? [] })),
    remaining,
    waitsFor,
  };
}
