import { useEffect, useRef } from 'preact/hooks';
import { since, span } from './format.ts';
import { type DueStep, type EventKind, type Journey, type JourneyRow, lanes, rowKey } from './journey.ts';

/** px: the lines between the events are drawn by it, and so is styles/watch.css. */
const ROW_HEIGHT = 46;
/** Of the drawing: a lane is this wide, whatever the screen makes of it. */
const LANE_WIDTH = 100;
const TURN = 9;
/** An event that is younger fades in. */
const NEW_MS = 5_000;

const marks: Readonly<Record<EventKind, readonly [mark: string, says: string]>> = {
  step: ['✓', 'done'],
  pivot: ['◆', 'from here on it only goes forward'],
  refusal: ['✕', 'refused'],
  compensation: ['↩', 'taken back'],
  note: ['·', 'noted'],
};

export interface LanesProps {
  readonly journey: Journey;
  readonly isPending: boolean;
  /** Key of a row. */
  readonly chosen: string | undefined;
  readonly onChoose: (row: JourneyRow) => void;
}

/** The saga of one order: a lane for each service, a row for each event, lines from cause to effect. */
export function Lanes({ journey: { rows, due }, chosen, onChoose }: LanesProps) {
  const startedAt = rows[0]?.at ?? 0;
  const waiting = due.filter(({ service }) => lanes.includes(service));
  return (
    <div class="lanes">
      <div class="lane-heads" aria-hidden="true">
        <span class="lane-time">time</span>
        {lanes.map((service) => (
          <span key={service} class={`lane-head of-${service}`}>
            {service}
          </span>
        ))}
      </div>
      <div class="lane-body">
        <LaneLines rows={rows} waiting={waiting.length} />
        <ol class="lane-rows" aria-label="Events, in the order of time">
          {rows.map((row) => (
            <li key={rowKey(row)} class="lane-row">
              <span class="lane-time">{since(row.at - startedAt)}</span>
              <EventCard row={row} isChosen={rowKey(row) === chosen} onChoose={() => onChoose(row)} />
            </li>
          ))}
          {waiting.map((step) => (
            <li key={`${step.service} ${step.verb}`} class="lane-row">
              <span class="lane-time" />
              <DueCard step={step} />
            </li>
          ))}
        </ol>
      </div>
      {rows.length === 0 && <p class="empty">Nothing has been heard of this order yet.</p>}
    </div>
  );
}

function EventCard(props: {
  readonly row: JourneyRow;
  readonly isChosen: boolean;
  readonly onChoose: () => void;
}) {
  const { event, service, kind, lane, ignored } = props.row;
  const [mark, says] = marks[kind];
  const card = useRef<HTMLButtonElement>(null);
  const isNew = Date.now() - props.row.at < NEW_MS && !matchMedia('(prefers-reduced-motion: reduce)').matches;
  useEffect(() => {
    if (isNew) card.current?.animate?.([{ opacity: 0.2 }, { opacity: 1 }], { duration: 350 });
  }, []);
  return (
    <button
      ref={card}
      type="button"
      class={`event event-${kind} of-${service} in-lane-${lane}`}
      data-service={service}
      aria-pressed={props.isChosen}
      onClick={props.onChoose}
      title={ignored}
    >
      <span class="event-mark" aria-hidden="true">
        {mark}
      </span>
      <span class="unseen">
        {service}, {says}:{' '}
      </span>
      <span class="event-name">{breakable(event)}</span>
    </button>
  );
}

/** A name may be broken before its words alone: StockReservation|Cancelled. */
const breakable = (name: string) =>
  name
    .split(/(?<=[a-z])(?=[A-Z])/)
    .flatMap((word, index) => (index === 0 ? [word] : [<wbr key={index} />, word]));

function DueCard({ step: { service, verb, isCompensation, since: at } }: { readonly step: DueStep }) {
  const ref = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const tick = () => {
      if (ref.current !== null) ref.current.textContent = span(Math.max(0, Date.now() - at));
    };
    tick();
    const timer = setInterval(tick, 500);
    return () => clearInterval(timer);
  }, [at]);
  return (
    <span
      class={`event event-due of-${service} in-lane-${lanes.indexOf(service)} ${isCompensation ? 'event-due-back' : ''}`}
      data-service={service}
    >
      <span class="event-mark" aria-hidden="true">
        …
      </span>
      <span class="event-name">
        <span class="unseen">waits for {service}: </span>
        {verb} <span class="quiet" ref={ref} />
      </span>
    </span>
  );
}

/** Behind the cards: the lanes, and a line from each event to those that follow from it. */
function LaneLines({ rows, waiting }: { readonly rows: readonly JourneyRow[]; readonly waiting: number }) {
  const height = (rows.length + waiting) * ROW_HEIGHT;
  const width = lanes.length * LANE_WIDTH;
  const x = (lane: number) => (lane + 0.5) * LANE_WIDTH;
  const y = (row: number) => (row + 0.5) * ROW_HEIGHT;
  /** Out of the card's side, along its row, where no other card is; then down its own lane. */
  const line = (cause: number, index: number): string => {
    const from = x(rows[cause]?.lane ?? 0);
    const to = x(rows[index]?.lane ?? 0);
    if (from === to) return `M${from} ${y(cause)} V${y(index)}`;
    const turn = to > from ? -TURN : TURN;
    return `M${from} ${y(cause)} H${to + turn} Q${to} ${y(cause)} ${to} ${y(cause) + TURN} V${y(index)}`;
  };
  return (
    <svg
      class="lane-lines"
      viewBox={`0 0 ${width} ${height}`}
      height={height}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {lanes.map((service, lane) => (
        <line key={service} class={`rail of-${service}`} x1={x(lane)} x2={x(lane)} y1={0} y2={height} />
      ))}
      {rows.flatMap((row, index) =>
        row.causes.map((cause) => (
          <path key={`${cause}-${index}`} class={`flow flow-${row.kind}`} d={line(cause, index)} />
        )),
      )}
    </svg>
  );
}
