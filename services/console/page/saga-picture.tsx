import type { Step } from '@skald/contracts';
import { layOutSaga, type PlacedStep, type SagaArrow, type SagaLayout } from './saga-layout.ts';

/** Of the drawing: it is scaled to its place. */
const COLUMN = 176;
const ROW = 92;
const BOX = { width: 156, height: 70 };
const LEFT = 84;
const TURN = 5;

const layout = layOutSaga();

/** `callOff` → `call off` */
export const wordsOf = (verb: string): string =>
  verb.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/** The saga as a picture; what it shows stands in a table beside it, for who can't see it. */
export function SagaPicture() {
  const { steps, arrows, bands, columns, rows } = layout;
  const width = LEFT + columns * COLUMN;
  return (
    <svg
      class="saga-picture"
      viewBox={`0 0 ${width} ${rows * ROW}`}
      width={width}
      height={rows * ROW}
      role="img"
      aria-label="The saga: its steps by service, from left to right, and the events between them. The table below says the same."
    >
      <defs>
        {(['step', 'refusal', 'compensation', 'note'] as const).map((kind) => (
          <marker
            key={kind}
            id={`head-${kind}`}
            class={`saga-head saga-head-${kind}`}
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="7"
            markerHeight="7"
            orient="auto"
          >
            <path d="M0 0 L8 4 L0 8 z" />
          </marker>
        ))}
      </defs>
      {bands.map(({ service, from, rows: own }) => (
        <g key={service} class={`saga-band of-${service}`}>
          <rect x="0" y={from * ROW + 3} width={width} height={own * ROW - 6} rx="8" />
          <text x="14" y={(from + own / 2) * ROW + 5}>
            {service}
          </text>
        </g>
      ))}
      {arrows.map((arrow) => (
        <path
          key={`${keyOf(arrow.from)} ${keyOf(arrow.to)}`}
          class={`saga-arrow saga-arrow-${arrow.kind}`}
          d={lineOf(arrow, layout)}
          marker-end={`url(#head-${arrow.kind})`}
        >
          <title>{arrow.events.join(', ')}</title>
        </path>
      ))}
      {steps.map((placed) => (
        <StepBox key={keyOf(placed)} placed={placed} />
      ))}
    </svg>
  );
}

const keyOf = ({ step: { service, verb } }: PlacedStep): string => `${service}.${verb}`;
const leftOf = ({ column }: PlacedStep): number => LEFT + column * COLUMN + (COLUMN - BOX.width) / 2;
const middleOf = ({ row }: PlacedStep): number => (row + 0.5) * ROW;

/** Out of the right side, down the gap before the step that follows, into its left side; arrows of one kind share a gap's line. */
function lineOf({ from, to, kind }: SagaArrow, { steps }: SagaLayout): string {
  const shift = { step: 0, note: -9, refusal: 9, compensation: 4 }[kind];
  const [x1, y1] = [leftOf(from) + BOX.width, middleOf(from) + shift];
  const [x2, y2] = [leftOf(to), middleOf(to) + shift];
  if (y1 === y2 && to.column === from.column + 1) return `M${x1} ${y1} H${x2}`;
  const near = x1 + 10 + shift / 3;
  const far = x2 - 10 + shift / 3;
  const isClear = !steps.some(
    ({ column, row }) => row === from.row && column > from.column && column < to.column,
  );
  // Past what stands between: along the edge of its own row.
  const along = isClear ? y1 : y1 + (to.row > from.row ? 1 : -1) * (ROW / 2) - shift + shift / 2;
  const start = isClear
    ? `M${x1} ${y1} H${far - TURN}`
    : `M${x1} ${y1} ${elbow(near, y1, along)} H${far - TURN}`;
  if (along === y2) return `${start} H${x2}`;
  const sign = y2 > along ? 1 : -1;
  return `${start} Q${far} ${along} ${far} ${along + sign * TURN} V${y2 - sign * TURN} Q${far} ${y2} ${far + TURN} ${y2} H${x2}`;
}

function elbow(x: number, from: number, to: number): string {
  const sign = to > from ? 1 : -1;
  return `H${x - TURN} Q${x} ${from} ${x} ${from + sign * TURN} V${to - sign * TURN} Q${x} ${to} ${x + TURN} ${to}`;
}

function StepBox({ placed }: { readonly placed: PlacedStep }) {
  const { step } = placed;
  const { service, verb, kind, publishes, onFailure } = step;
  const [x, y] = [leftOf(placed), middleOf(placed) - BOX.height / 2];
  const lines = [...linesOf(publishes[0] ?? ''), ...onFailure.slice(0, 1)];
  return (
    <g class={`saga-step saga-step-${kind} of-${service}`}>
      <title>{titleOf(step)}</title>
      <rect x={x} y={y} width={BOX.width} height={BOX.height} rx={kind === 'compensation' ? 22 : 8} />
      <text class="saga-verb" x={x + BOX.width / 2} y={y + 21}>
        {kind === 'pivot' && '◆ '}
        {wordsOf(verb)}
      </text>
      {lines.map((line, index) => (
        <text
          key={line}
          class={`saga-event ${onFailure.some((event) => event === line) ? 'saga-event-bad' : ''}`}
          x={x + BOX.width / 2}
          y={y + 40 + index * 17}
        >
          {line}
        </text>
      ))}
    </g>
  );
}

/** Of a name, in a box: a long one is broken before its last word. */
const LINE = 22;
const linesOf = (name: string): readonly string[] =>
  name.length <= LINE ? [name] : name.split(/(?=[A-Z][a-z]+$)/);

const titleOf = ({ service, verb, publishes, onFailure }: Step): string =>
  `${service}: ${wordsOf(verb)} → ${[...publishes, ...onFailure].join(', ')}`;
